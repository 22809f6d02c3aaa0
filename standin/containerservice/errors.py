"""Refusals of Azure Kubernetes Service. https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/welcome-azure-kubernetes"""

from __future__ import annotations

from standin.core.errors import BadRequest

_MORE = (
    " If you want to increase the quota, please follow this instruction: "
    "https://learn.microsoft.com/en-us/azure/quotas/view-quotas. Surge nodes would also consume vcpu quota, please "
    "consider use smaller maxSurge or use maxUnavailable to proceed upgrade without surge nodes."
)


class InvalidCluster(BadRequest):
    code = "InvalidParameter"


class InvalidName(BadRequest):
    code = "InvalidResourceReference"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The resource name '{name}' is not valid: 1 to 63 letters, digits, '-' and '_', beginning and ending with "
            "a letter or digit."
        )


class UnsupportedSize(BadRequest):
    code = "VMSizeNotSupported"

    def __init__(self, size: object, location: str, allowed: str) -> None:
        super().__init__(
            f"Virtual Machine size: '{size}' is not supported for subscription in location '{location}'. The available "
            f"VM sizes are '{allowed}'."
        )


class TooFewCores(BadRequest):
    """As users cite it: what is left, and what the nodes of the pools ask for, without those of a surge."""

    code = "ErrCode_InsufficientVCPUQuota"

    @classmethod
    def of_region(cls, location: str, left: int, asked: int) -> TooFewCores:
        return cls(
            f"Insufficient regional vcpu quota left for location {location}. left regional vcpu quota {left}, "
            f"requested quota {asked}.{_MORE}"
        )

    @classmethod
    def of_family(cls, family: str, location: str, left: int, asked: int) -> TooFewCores:
        return cls(
            f"Insufficient vcpu quota requested {asked}, remaining {left} for family {family} for region {location}."
            f"{_MORE}"
        )


class OwnKubeletIdentity(BadRequest):
    code = "CustomKubeletIdentityOnlySupportedOnUserAssignedMSICluster"

    def __init__(self) -> None:
        super().__init__(
            "Custom kubelet identity is only supported on a cluster with a user-assigned managed identity."
        )


class MissingOperator(BadRequest):
    code = "CustomKubeletIdentityMissingPermissionError"

    def __init__(self) -> None:
        super().__init__(
            "The cluster using user-assigned managed identity must be granted 'Managed Identity Operator' role to "
            "assign kubelet identity. You can run 'az role assignment create --assignee "
            "<control-plane-identity-principal-id> --role 'Managed Identity Operator' --scope "
            "<kubelet-identity-resource-id>' to grant the permission."
        )
