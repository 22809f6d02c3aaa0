"""Blob storage's refusals. https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes

ServiceError
├── BlobNotFound, ContainerNotFound, AccountNotFound 404   ├── InvalidRange 416
├── BlobAlreadyExists, ContainerAlreadyExists 409           ├── ConditionNotMet 412
├── InvalidBlockList, InvalidHeader 400                     ├── AuthenticationFailed, NotPermitted 403
└── NoAuthentication, InvalidAuthentication 401
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from standin.core.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    ServiceError,
    Unauthorized,
)
from standin.core.http import Response


class AccountNotFound(NotFound):
    code = "ResourceNotFound"

    def __init__(self, account: str) -> None:
        super().__init__(f"The storage account '{account}' does not exist.")


class ContainerNotFound(NotFound):
    code = "ContainerNotFound"

    def __init__(self) -> None:
        super().__init__("The specified container does not exist.")


class BlobNotFound(NotFound):
    code = "BlobNotFound"

    def __init__(self) -> None:
        super().__init__("The specified blob does not exist.")


class ContainerAlreadyExists(Conflict):
    code = "ContainerAlreadyExists"

    def __init__(self) -> None:
        super().__init__("The specified container already exists.")


class BlobAlreadyExists(Conflict):
    code = "BlobAlreadyExists"

    def __init__(self) -> None:
        super().__init__("The specified blob already exists.")


class ConditionNotMet(PreconditionFailed):
    code = "ConditionNotMet"

    def __init__(self, *, not_modified: bool = False) -> None:
        super().__init__(
            "The condition specified using HTTP conditional header(s) is not met.", status=304 if not_modified else 412
        )


class InvalidRange(ServiceError):
    status = 416
    code = "InvalidRange"

    def __init__(self, size: int) -> None:
        super().__init__(
            "The range specified is invalid for the current size of the resource.",
            headers={"Content-Range": f"bytes */{size}"},
        )


class InvalidBlockList(BadRequest):
    code = "InvalidBlockList"

    def __init__(self) -> None:
        super().__init__("The specified block list is invalid.")


class InvalidHeader(BadRequest):
    code = "InvalidHeaderValue"

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(
            f"The value for one of the HTTP headers is not in the correct format: {name} is '{value}', "
            f"allowed: {allowed}."
        )


class InvalidQueryParameter(BadRequest):
    code = "InvalidQueryParameterValue"

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(
            "Value for one of the query parameters specified in the request URI is invalid: "
            f"{name} is '{value}', built {allowed}."
        )


class MissingQueryParameter(BadRequest):
    code = "MissingRequiredQueryParameter"

    def __init__(self, name: str) -> None:
        super().__init__(f"A query parameter that's mandatory for this request is not specified: {name}.")


class Md5Mismatch(BadRequest):
    code = "Md5Mismatch"

    def __init__(self, said: str, found: str) -> None:
        super().__init__(
            "The MD5 value specified in the request did not match with the MD5 value calculated by the server: "
            f"'{said}', calculated '{found}'."
        )


class InvalidName(BadRequest):
    code = "InvalidResourceName"

    def __init__(self, name: str, allowed: str) -> None:
        super().__init__(
            f"The specified resource name contains invalid characters: {name[:100]!r}, allowed: {allowed}."
        )


class InvalidMetadata(BadRequest):
    code = "InvalidMetadata"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The metadata specified is invalid. It has characters that are not permitted: {name[:100]!r}, allowed are "
            "letters, digits and _, the first of them no digit."
        )


class InvalidTags(BadRequest):
    code = "InvalidTag"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The tags specified are invalid: {reason}.")


class AuthenticationFailed(Forbidden):
    code = "AuthenticationFailed"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "Server failed to authenticate the request. Make sure the value of Authorization header is formed "
            f"correctly including the signature. {reason}"
        )


class NoAuthentication(Unauthorized):
    code = "NoAuthenticationInformation"

    def __init__(self, tenant: str) -> None:
        super().__init__(
            "Server failed to authenticate the request. Please refer to the information in the www-authenticate "
            "header.",
            headers={
                "WWW-Authenticate": f"Bearer authorization_uri=https://login.microsoftonline.com/{tenant}"
                "/oauth2/authorize resource_id=https://storage.azure.com"
            },
        )


class InvalidAuthentication(Unauthorized):
    code = "InvalidAuthenticationInfo"

    def __init__(self) -> None:
        super().__init__(
            "Server failed to authenticate the request. The audience or signature of the token is not valid."
        )


class NotPermitted(Forbidden):
    code = "AuthorizationPermissionMismatch"

    def __init__(self) -> None:
        super().__init__("This request is not authorized to perform this operation using this permission.")


class OverwriteNotPermitted(Forbidden):
    code = "UnauthorizedBlobOverwrite"

    def __init__(self) -> None:
        super().__init__("This request is not authorized to perform blob overwrites.")


class KeysNotPermitted(Forbidden):
    code = "KeyBasedAuthenticationNotPermitted"

    def __init__(self) -> None:
        super().__init__("Key based authentication is not permitted on this storage account.")


def envelope(problem: ServiceError) -> Response:
    text = (
        f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{escape(problem.code)}</Code>'
        f"<Message>{escape(problem.message)}</Message></Error>"
    )
    headers = {"content-type": "application/xml", "x-ms-error-code": problem.code, **problem.headers}
    return Response(status=problem.status, body=text.encode(), headers=headers)
