"""The resource manager's refusals, in Azure's own codes and words.

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from standin.core.errors import BadRequest, Conflict, Forbidden, NotFound, ServiceError, Unauthorized


class ResourceNotFound(NotFound):
    code = "ResourceNotFound"

    def __init__(self, kind: str, name: str, group: str) -> None:
        where = f" under resource group '{group}'" if group else ""
        super().__init__(
            f"The Resource '{kind}/{name}'{where} was not found. "
            "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        )


class ResourceGroupNotFound(NotFound):
    code = "ResourceGroupNotFound"

    def __init__(self, group: str) -> None:
        super().__init__(f"Resource group '{group}' could not be found.")


class SubscriptionNotFound(NotFound):
    code = "SubscriptionNotFound"

    def __init__(self, subscription: str) -> None:
        super().__init__(f"The subscription '{subscription}' could not be found.")


class ParentResourceNotFound(NotFound):
    code = "ParentResourceNotFound"

    def __init__(self, kind: str, parent: str) -> None:
        super().__init__(
            f"Failed to perform 'write' on resource(s) of type '{kind}', because the parent resource '{parent}' "
            "could not be found."
        )


class InvalidResourceType(NotFound):
    code = "InvalidResourceType"

    def __init__(self, kind: str, version: str) -> None:
        namespace, _, rest = kind.partition("/")
        super().__init__(
            f"The resource type '{rest}' could not be found in the namespace '{namespace}' for api version '{version}'."
        )


class InvalidResourceNamespace(NotFound):
    code = "InvalidResourceNamespace"

    def __init__(self, namespace: str) -> None:
        super().__init__(f"The resource namespace '{namespace}' is invalid.")


class MissingApiVersion(BadRequest):
    code = "MissingApiVersionParameter"

    def __init__(self) -> None:
        super().__init__("The api-version query parameter (?api-version=) is required for all requests.")


class InvalidApiVersion(BadRequest):
    code = "InvalidApiVersionParameter"

    def __init__(self, version: str, supported: Sequence[str]) -> None:
        super().__init__(
            f"The api-version '{version}' is invalid. The supported versions are '{','.join(reversed(supported))}'."
        )


class NoRegisteredProviderFound(BadRequest):
    code = "NoRegisteredProviderFound"

    def __init__(self, kind: str, version: str, supported: Sequence[str]) -> None:
        super().__init__(
            f"No registered resource provider found for API version '{version}' for type '{kind.partition('/')[2]}'. "
            f"The supported api-versions are '{', '.join(supported)}'."
        )


class InvalidFilter(BadRequest):
    code = "InvalidFilterInQueryString"

    def __init__(self, text: str, allowed: str) -> None:
        super().__init__(f"Invalid $filter '{text}' specified in the query string. Supported here: {allowed}.")


class InvalidQueryParameter(BadRequest):
    code = "InvalidQueryParameterValue"

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(f"The query parameter '{name}' has the value '{value}', allowed: {allowed}.")


class UnknownMember(BadRequest):
    code = "InvalidRequestContent"

    def __init__(self, path: str, kind: str) -> None:
        super().__init__(
            "The request content was invalid and could not be deserialized: 'Could not find member "
            f"'{path.rpartition('.')[2]}' on object of type '{kind}'. Path '{path}'.'"
        )


class WrongType(BadRequest):
    code = "InvalidRequestContent"

    def __init__(self, path: str, value: object, wanted: str) -> None:
        super().__init__(
            "The request content was invalid and could not be deserialized: 'Error converting value "
            f"{json.dumps(value)} to {wanted}. Path '{path}'.'"
        )


class NotBuilt(BadRequest):
    """What Azure has and the stand-in has not: refused, never ignored."""

    code = "NotSupportedByStandIn"

    def __init__(self, path: str, value: object, kind: str, allowed: Sequence[object]) -> None:
        good = ", ".join(repr(one) for one in allowed) or "nothing"
        super().__init__(f"{path} is {value!r}: of {kind} the stand-in has {good} here.")


class LocationRequired(BadRequest):
    code = "LocationRequired"

    def __init__(self) -> None:
        super().__init__("The location property is required for this definition.")


class InvalidResourceLocation(Conflict):
    code = "InvalidResourceLocation"

    def __init__(self, name: str, group: str, old: str, new: str) -> None:
        super().__init__(
            f"The resource '{name}' already exists in location '{old}' in resource group '{group}'. A resource with "
            f"the same name cannot be created in location '{new}'. Please select a new resource name."
        )


class InvalidResourceGroupLocation(Conflict):
    code = "InvalidResourceGroupLocation"

    def __init__(self, old: str, new: str) -> None:
        super().__init__(
            f"Invalid resource group location '{new}'. The Resource group already exists in location '{old}'."
        )


class NotAuthorized(Forbidden):
    def __init__(self, object_id: str, action: str, scope: str) -> None:
        super().__init__(
            f"The client '{object_id}' with object id '{object_id}' does not have authorization to perform action "
            f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh "
            "your credentials."
        )


class InvalidToken(Unauthorized):
    code = "InvalidAuthenticationToken"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


class FailedIdentity(BadRequest):
    code = "FailedIdentityOperation"

    def __init__(self, identity: str) -> None:
        super().__init__(
            "Identity operation failed. The user assigned identity resource was not found, or the id is malformed: "
            f"'{identity}'."
        )


class RefusedMethod(ServiceError):
    status = 405
    code = "HttpMethodNotAllowed"

    def __init__(self, method: str, path: str) -> None:
        super().__init__(f"The HTTP method '{method}' is not supported at scope '{path}'.")
