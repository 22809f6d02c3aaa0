"""Entry of the plugin: `python -m infra.provider <engine address>`, through the launcher `pulumi-resource-mledge`."""

from __future__ import annotations

from importlib.metadata import version

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


if __name__ == "__main__":
    serve("mledge", version("edgeway"), resources())
