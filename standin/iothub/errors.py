"""IoT Hub's own errors.

    ServiceError (standin.core.errors)
    ├── BadRequest 400          ArgumentInvalid, InvalidConfigurationContent, ...
    ├── Unauthorized 401        IotHubUnauthorizedAccess
    ├── Forbidden 403           IotHubQuotaExceeded
    ├── NotFound 404            DeviceNotFound, ModuleNotFound, ConfigurationNotFound
    │   └── NotOnline 404103    a direct method's own envelope, as below
    ├── Conflict 409            DeviceAlreadyExists, ConfigurationAlreadyExists, ...
    ├── PreconditionFailed 412
    ├── TooLarge 413            MessageTooLarge
    └── MethodTimeout 504101

https://learn.microsoft.com/azure/iot-hub/troubleshoot-error-codes
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

from standin.core import errors
from standin.core.errors import ServiceError
from standin.core.http import Response, json_response


class BadRequest(errors.BadRequest):
    code = "ArgumentInvalid"


class Unauthorized(errors.Unauthorized):
    code = "IotHubUnauthorizedAccess"


class Forbidden(errors.Forbidden):
    code = "IotHubQuotaExceeded"


class NotFound(errors.NotFound):
    code = "DeviceNotFound"


class Conflict(errors.Conflict):
    code = "DeviceAlreadyExists"


class PreconditionFailed(errors.PreconditionFailed):
    code = "PreconditionFailed"


class TooLarge(ServiceError):
    status = 413
    code = "MessageTooLarge"


class NotOnline(NotFound):
    code = "404103"


class MethodTimeout(ServiceError):
    status = 504
    code = "504101"


def device_not_found(device: str) -> NotFound:
    return NotFound(f"The device with ID '{device}' is not registered on this hub.")


def module_not_found(device: str, module: str) -> NotFound:
    return NotFound(f"The module with ID '{module}' is not registered on device '{device}'.", code="ModuleNotFound")


def envelope(problem: ServiceError) -> Response:
    """A numeric code is a direct method's: its Message is JSON in a string."""
    tracking = f"{uuid4().hex}-G:5"
    now = datetime.now(UTC)
    if problem.code.isdigit():
        message = json.dumps(
            {
                "errorCode": int(problem.code),
                "trackingId": tracking,
                "message": problem.message,
                "info": problem.details,
                "timestampUtc": now.isoformat(),
            },
            separators=(",", ":"),
        )
    else:
        message = f"ErrorCode:{problem.code};{problem.message}"
    body = {
        "Message": message,
        "ExceptionMessage": f"Tracking ID:{tracking}-TimeStamp:{now:%m/%d/%Y %H:%M:%S}",
    }
    return json_response(body, status=problem.status, headers={"iothub-errorcode": problem.code, **problem.headers})
