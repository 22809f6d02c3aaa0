"""What the Docker engine refuses, in words that services pass on.

ServiceError 500
├── DockerAbsent
└── EngineRefused
    └── NotInEngine
"""

from __future__ import annotations

from standin.core.errors import ServiceError


class DockerAbsent(ServiceError):
    """No engine answers."""


class EngineRefused(ServiceError):
    """The engine could not do it; its words are passed on, they name ports, mounts and devices."""

    code = "ContainerEngineError"

    def __init__(self, explanation: str) -> None:
        super().__init__(f"The Docker engine refused: {explanation}.")
        self.explanation = explanation
        """The engine's own words, without ours."""


class NotInEngine(EngineRefused):
    """The engine has no container (image, network, volume) of that name."""
