"""Entry of the plugin: `python -m infra.provider <engine address>`, through the launcher `pulumi-resource-mledge`."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version

from cloud.errors import ServiceError
from infra.provider import types
from infra.provider.scratch import sweep
from pluginbase.resource import Resource
from pluginbase.server import serve


def resources() -> list[Resource]:
    """One of each type that `infra.provider.types` names."""
    return [kind() for kind in vars(types).values() if isinstance(kind, type) and issubclass(kind, Resource)]


def load_sdks() -> None:
    """Imports what operations import when they need it.

    Operations run on many threads, and Python gives up (`_DeadlockError`, half-made modules) where several of them
    import packages that import each other. Not at start: an `up` that changes nothing needs none of these.
    """
    for module in _SDKS:
        import_module(module)


_SDKS = (
    "azure.core.pipeline.policies",
    "azure.core.rest",
    "azure.mgmt.core.policies",
    "azure.identity",
    "azure.iot.hub",
    "azure.iot.hub.models",
    "docker.errors",
)


if __name__ == "__main__":
    sweep()
    serve("mledge", version("edgeway"), resources(), prepare=load_sdks, plain_errors=(ServiceError,))
