"""IoT Hub's own errors.

    ServiceError (standin.core.errors)
    ├── BadRequest 400          ArgumentInvalid, InvalidConfigurationContent, ...
    ├── Unauthorized 401        IotHubUnauthorizedAccess
    ├── Forbidden 403           IotHubQuotaExceeded
    ├── NotFound 404            DeviceNotFound, ModuleNotFound, ConfigurationNotFound
    │   └── NotOnline 404103    a direct method's, as MethodTimeout: the code is a number
    ├── Conflict 409            DeviceAlreadyExists, ConfigurationAlreadyExists, ...
    ├── PreconditionFailed 412
    ├── TooLarge 413            MessageTooLarge
    └── MethodTimeout 504101

https://learn.microsoft.com/azure/iot-hub/troubleshoot-error-codes
"""

from __future__ import annotations

from standin.core import errors
from standin.core.errors import ServiceError


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
