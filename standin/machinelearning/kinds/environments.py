"""Environments: an image that is there, and how it is asked when it serves. None is built here.

https://learn.microsoft.com/rest/api/azureml/environment-versions
One that a client made by the way, `CliV2AnonymousEnvironment`, is one like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from standin.core.arm import Resource
from standin.core.arm.fields import object_at
from standin.core.errors import BadRequest, ServiceError
from standin.machinelearning.errors import RegisteredEnvironment
from standin.machinelearning.kinds.assets import AssetContainer, AssetVersion, kept

_ROUTES = ("livenessRoute", "readinessRoute", "scoringRoute")
_PORTS = range(1, 65536)
_FIXED = ("image", "inferenceConfig", "osType", "isAnonymous")


class Environment(AssetContainer):
    type = "Microsoft.MachineLearningServices/workspaces/environments"
    versions = "Microsoft.MachineLearningServices/workspaces/environments/versions"


class EnvironmentVersion(AssetVersion):
    type = Environment.versions
    container = Environment.type
    keeps = kept("image", "inferenceConfig", "osType")
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "properties.autoRebuild": ("Disabled",),
        "properties.build": (),
        "properties.condaFile": (),
        "properties.osType": ("Linux",),
    }
    defaults: ClassVar[Mapping[str, Any]] = {
        "properties": {"isAnonymous": False, "isArchived": False, "osType": "Linux", "tags": {}, "properties": {}}
    }

    async def check(self, new: Resource, old: Resource | None) -> None:
        await super().check(new, old)
        name = new.parent_id.rpartition("/")[2]
        if name.lower().startswith("azureml"):
            raise BadRequest(
                "Environment name can not start with the prefix AzureML. To alter a curated environment first create a "
                "copy of it.",
                code="UserError",
            )
        image = new.properties.get("image")
        if not isinstance(image, str) or not image.strip():
            raise BadRequest(f"image is {image!r}; an environment needs the name of an image.", code="UserError")
        _check_inference(new)
        if old is not None and any(old.properties.get(one) != new.properties.get(one) for one in _FIXED):
            raise RegisteredEnvironment(name, new.name)
        new.properties["environmentType"] = "UserCreated"

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        return RegisteredEnvironment(resource.parent_id.rpartition("/")[2], resource.name)


def _check_inference(new: Resource) -> None:
    object_at(new.body, "properties.inferenceConfig")
    for name in _ROUTES:
        route = object_at(new.body, f"properties.inferenceConfig.{name}")
        if not route:
            continue
        path, port = route.get("path"), route.get("port")
        if not isinstance(path, str) or not path.startswith("/"):
            raise BadRequest(f"inferenceConfig.{name}.path is {path!r}; it must begin with '/'.", code="UserError")
        if not isinstance(port, int) or isinstance(port, bool) or port not in _PORTS:
            raise BadRequest(f"inferenceConfig.{name}.port is {port!r}; allowed: 1 to 65535.", code="UserError")
