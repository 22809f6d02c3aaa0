"""Refusals of Microsoft.Compute, in Azure's codes and words. The resource manager's envelope has a `target`, too.

https://learn.microsoft.com/azure/virtual-machines/error-messages

ServiceError
├── InvalidParameter, ImageWithoutTrustedLaunch 400
├── ImageNotFound, SizeNotFound 404
└── ChangeNotAllowed, NotRunning, QuotaExceeded, RunningAlready, DiskInUse, NoBootDiagnostics 409
"""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.errors import BadRequest, Conflict, Forbidden, NotFound


class InvalidParameter(BadRequest):
    code = "InvalidParameter"

    def __init__(self, message: str, target: str) -> None:
        super().__init__(message, details={"target": target})


class ChangeNotAllowed(Conflict):
    code = "PropertyChangeNotAllowed"

    def __init__(self, name: str) -> None:
        super().__init__(f"Changing property '{name}' is not allowed.", details={"target": name})


class ImageNotFound(NotFound):
    code = "PlatformImageNotFound"

    def __init__(self, image: str) -> None:
        super().__init__(
            f"The platform image '{image}' is not available. Verify that all fields in the storage profile are "
            "correct. For more details about storage profile information, please refer to https://aka.ms/storageprofile",
            details={"target": "imageReference"},
        )


class ImageWithoutTrustedLaunch(BadRequest):
    def __init__(self) -> None:
        super().__init__(
            "Use of TrustedLaunch setting is not supported for the provided image. Please select Trusted Launch "
            "Supported Gen2 OS Image. For more information, see https://aka.ms/TrustedLaunch-FAQ."
        )


class InvalidSize(InvalidParameter):
    def __init__(self, size: object, sizes: Sequence[str]) -> None:
        super().__init__(
            f"The value {size} provided for the VM size is not valid. The valid sizes in the current region are: "
            f"{','.join(sizes)}. Find out more on the available VM sizes in each region at https://aka.ms/azure-regions.",
            "vmSize",
        )


class QuotaExceeded(Conflict):
    code = "OperationNotAllowed"

    def __init__(self, what: str, location: str, *, limit: int, used: int, more: int) -> None:
        super().__init__(
            f"Operation could not be completed as it results in exceeding approved {what} quota. Additional details - "
            f"Deployment Model: Resource Manager, Location: {location}, Current Limit: {limit}, Current Usage: {used}, "
            f"Additional Required: {more}, (Minimum) New Limit Required: {used + more}. Submit a request for Quota "
            "increase by specifying parameters listed in the 'Details' section for deployment to succeed. Please read "
            "more about quota limits at https://docs.microsoft.com/en-us/azure/azure-supportability/"
            f"{'regional' if what.startswith('Total') else 'per-vm'}-quota-requests"
        )


class NotRunning(Conflict):
    code = "OperationNotAllowed"

    def __init__(self) -> None:
        super().__init__("The operation requires the VM to be running (or set to run).")


class NoExtensionsWhileStopped(Conflict):
    code = "OperationNotAllowed"

    def __init__(self) -> None:
        super().__init__("Cannot modify extensions in the VM when the VM is not running.")


class RunningAlready(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "Run command extension execution is in progress. Please wait for completion before invoking a run command."
        )


class CommandFailed(Conflict):
    code = "VMExtensionProvisioningError"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"VM has reported a failure when processing extension '{name}' (publisher 'Microsoft.CPlat.Core' and type "
            f"'RunCommandHandlerLinux'). Error message: '{reason}'. More information on troubleshooting is available "
            "at https://aka.ms/VMRunCommandTroubleshoot"
        )


class DiskInUse(Conflict):
    code = "OperationNotAllowed"

    def __init__(self, disk: str, machine: str) -> None:
        super().__init__(f"Disk {disk} is attached to VM {machine}.")


class NoBootDiagnostics(Conflict):
    code = "OperationNotAllowed"

    def __init__(self, machine: str) -> None:
        super().__init__(f"Boot diagnostics is not enabled on the virtual machine {machine}.")


class LogRefused(Forbidden):
    """Of the storage in which Azure keeps what machines print, and which nobody else has a key of."""

    code = "AuthenticationFailed"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "Server failed to authenticate the request. Make sure the value of Authorization header is formed "
            f"correctly including the signature. {reason}"
        )


class BlobNotFound(NotFound):
    code = "BlobNotFound"

    def __init__(self) -> None:
        super().__init__("The specified blob does not exist.")
