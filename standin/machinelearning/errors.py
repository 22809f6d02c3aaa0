"""Azure Machine Learning's refusals. https://learn.microsoft.com/azure/machine-learning/reference-error-codes"""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.errors import BadRequest, Conflict, Forbidden, NotFound, ServiceError
from standin.core.http import Response, json_response
from standin.core.obeys import Part

CODES: Mapping[Part, str] = dict.fromkeys(("query", "header", "field"), "UserError")
"""In which this service refuses what it does not obey."""


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


def envelope(problem: ServiceError) -> Response:
    body = {"error": {"code": problem.code, "message": problem.message}, "statusCode": problem.status}
    return json_response(body, problem.status, problem.headers)
