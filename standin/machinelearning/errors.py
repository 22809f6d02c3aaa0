"""Azure Machine Learning's refusals. https://learn.microsoft.com/azure/machine-learning/reference-error-codes"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standin.core.errors import BadRequest, Conflict, Forbidden, NotFound, ServiceError
from standin.core.http import Response, json_response
from standin.core.obeys import Part

CODES: Mapping[Part, str] = dict.fromkeys(("query", "header", "field"), "UserError")
"""In which this service refuses what it does not obey."""

_MORE_QUOTA = (
    "Talk to your Subscription Admin or refer to "
    "https://docs.microsoft.com/azure/machine-learning/how-to-manage-quotas#request-quota-increases to increase it."
)


class SoftDeletedWorkspace(Conflict):
    def __init__(self) -> None:
        super().__init__("Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete")


class InvalidWorkspace(BadRequest):
    code = "ValidationError"


class WorkspacePropertyFixed(BadRequest):
    code = "ValidationError"

    def __init__(self, name: str, old: object, new: object) -> None:
        super().__init__(f"Workspace property '{name}' cannot be changed from {old!r} to {new!r} after creation.")


class MissingPermission(Forbidden):
    def __init__(self, principal: str, scope: str) -> None:
        super().__init__(
            f"The client with object id '{principal}' does not have authorization to perform action "
            f"'Microsoft.Storage/storageAccounts/read' or the like over scope '{scope}'. The workspace's primary "
            "user-assigned identity needs Contributor there. If access was recently granted, wait until it has "
            "propagated."
        )


class ImmutableAsset(BadRequest):
    code = "UserError"

    def __init__(self, name: str, version: str, path: str) -> None:
        super().__init__(
            f"A model with name '{name}' and version '{version}' is already registered. {path} cannot be changed: "
            "assets are immutable, register another version."
        )


class AssetPathFixed(BadRequest):
    """In the words that azure-ai-ml waits for (`ASSET_PATH_ERROR`)."""

    code = "UserError"

    def __init__(self) -> None:
        super().__init__("Asset paths cannot be updated.")


class RegisteredEnvironment(Conflict):
    """https://github.com/Azure/azure-cli-extensions/issues/5440; azure-ai-ml takes the next version at a 409."""

    code = "UserError"

    def __init__(self, name: str, version: str) -> None:
        super().__init__(f"Environment {name} with version {version} is already registered and cannot be changed.")


class NoSecrets(BadRequest):
    code = "UserError"

    def __init__(self, name: str) -> None:
        super().__init__(f"The datastore '{name}' has no credentials: it is accessed by identity.")


class ComputeGone(NotFound):
    """https://github.com/Azure/MachineLearningNotebooks/issues/906"""

    code = "UserError"

    def __init__(self, name: str) -> None:
        super().__init__(f"AzureMLCompute cluster {name} does not exist")


class TooFewNodes(BadRequest):
    code = "UserError"

    def __init__(self, name: str, asked: int, most: int) -> None:
        super().__init__(f"The job needs {asked} nodes, and the compute '{name}' has at most {most}.")


class CoreQuotaReached(Conflict):
    """Told of a cluster (`errors`), never of a request: its jobs wait."""

    code = "ClusterCoreQuotaReached"

    def __init__(self, limit: int, used: int, more: int) -> None:
        super().__init__(
            f"Operation results in exceeding quota limits of Core. Maximum allowed: {limit}, Current in use: {used}, "
            f"Additional requested: {more}."
        )


class TooFewCores(BadRequest):
    """https://github.com/Azure/mlops-v2/issues/81, https://github.com/MicrosoftDocs/mslearn-aml-labs/issues/8"""

    @classmethod
    def for_one(cls, name: str, limit: int, cores: int) -> TooFewCores:
        return cls(
            f"The specified subscription has a {name} vCPU quota of {limit} and cannot accomodate for at least 1 "
            f"requested managed compute node which maps to {cores} vCPUs. {_MORE_QUOTA}"
        )

    @classmethod
    def for_the_least(cls, name: str, limit: int, least: int, cores: int) -> TooFewCores:
        return cls(
            f"The specified subscription has a {name} vCPU quota of {limit} and is less than the requested managed "
            f"compute's min nodes of {least} which maps to {cores} vCPUs. {_MORE_QUOTA}"
        )


class InvalidCompute(BadRequest):
    code = "ValidationError"


class UnknownVmSize(BadRequest):
    """https://github.com/Azure/MachineLearningNotebooks/issues/1169"""

    code = "InvalidPropertyValue"

    def __init__(self, asked: object, supported: Sequence[str]) -> None:
        detail = {"code": "SupportedVMSizes", "message": ",".join(supported)}
        super().__init__(
            f"The specified value {asked} for property Cluster.Properties.VMSize is not a supported VM size. See "
            "additional details for supported VM sizes.",
            details={"details": [detail]},
        )


class ComputeFixed(BadRequest):
    code = "ValidationError"

    def __init__(self, name: str, path: str, old: object, new: object) -> None:
        super().__init__(
            f"'{path}' of the compute '{name}' cannot be changed from {old!r} to {new!r}: delete the compute, and make "
            "it anew."
        )


class KubernetesFixed(BadRequest):
    """https://github.com/Azure/azureml-examples/pull/3030; the words are inferred."""

    code = "ValidationError"

    def __init__(self, name: str, path: str) -> None:
        super().__init__(
            f"'{path}' of the attached Kubernetes compute '{name}' cannot be changed: Kubernetes compute does not "
            "support update. Detach it, and attach it anew."
        )


def envelope(problem: ServiceError) -> Response:
    body = {"error": {"code": problem.code, "message": problem.message}, "statusCode": problem.status}
    return json_response(body, problem.status, problem.headers)
