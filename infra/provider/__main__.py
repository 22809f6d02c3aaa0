"""Entry of the plugin: `python -m infra.provider <engine address>`, through the launcher `pulumi-resource-mledge`."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version

from cloud.errors import ServiceError
from infra.provider.certificate import Certificate
from infra.provider.device_identity import DeviceIdentity
from infra.provider.edge_deployment import EdgeDeployment
from infra.provider.image import Image
from infra.provider.key import Key
from infra.provider.purge import Purge
from infra.provider.registered_model import RegisteredModel
from infra.provider.role_ready import RoleReady
from infra.provider.token_password import TokenPassword
from infra.provider.training_run import TrainingRun
from pluginbase.resource import Resource
from pluginbase.server import serve


def resources() -> list[Resource]:
    return [
        Certificate(),
        DeviceIdentity(),
        EdgeDeployment(),
        Image(),
        Key(),
        Purge(),
        RegisteredModel(),
        RoleReady(),
        TokenPassword(),
        TrainingRun(),
    ]


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
    serve("mledge", version("edgeway"), resources(), prepare=load_sdks, plain_errors=(ServiceError,))
