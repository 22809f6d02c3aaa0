"""Refusals of cluster extensions, and how an installation of Azure ML's fails.

https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-extension#error-code-of-healthcheck
"""

from __future__ import annotations

from standin.core.errors import BadRequest


class InvalidExtension(BadRequest):
    code = "ValidationFailed"


class NotBuiltSetting(BadRequest):
    """What Azure may take and nobody has seen it take, with the spelling that is safe."""

    code = "NotSupportedByStandIn"


class OperationFailed(BadRequest):
    """An installation that came to nothing."""

    code = "ExtensionOperationFailed"

    def __init__(self, why: str) -> None:
        super().__init__(f"The extension operation failed with the following error: {why}")


class Unhealthy(OperationFailed):
    """What the extension's own check of its cluster found."""

    def __init__(self, code: str, name: str, why: str) -> None:
        super().__init__(f"[{code}] {name}: {why}")


class TooFewNodes(Unhealthy):
    def __init__(self, nodes: int) -> None:
        super().__init__(
            "E40002",
            "INSUFFICIENT_NODE",
            f"inferenceRouterHA requires at least three nodes, and the cluster has {nodes}. Set inferenceRouterHA to "
            "False.",
        )


class WrongCertificate(Unhealthy):
    def __init__(self, why: str) -> None:
        super().__init__("E40007", "INVALID_SSL_SETTING", why)
