"""Container Instances' refusals, in Azure's codes and words.

    BadRequest 400                      Conflict 409
    ├── InvalidGroup                    └── RegistryErrorResponse
    ├── InvalidContainerGroupUpdate
    ├── InvalidImageRegistryIdentity
    ├── InaccessibleImage
    ├── DnsNameLabelNotAvailable        NotFound 404: ContainerNotFound
    ├── NoAddressLeft
    └── NotBuilt

https://learn.microsoft.com/azure/container-instances/container-instances-troubleshooting
"""

from __future__ import annotations

from collections.abc import Iterable

from standin.core.errors import BadRequest, Conflict, NotFound


class InvalidGroup(BadRequest):
    code = "InvalidContainerGroup"


class NoAddressLeft(BadRequest):
    code = "ContainerGroupQuotaReached"

    def __init__(self, ports: Iterable[int]) -> None:
        super().__init__(
            f"no loopback address of the stand-in has the ports {', '.join(map(str, sorted(ports)))} free; "
            "delete a container group first."
        )


class NotBuilt(BadRequest):
    """What Azure has and the stand-in has not: refused, never ignored."""

    code = "NotSupportedByStandIn"

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is not supported by the stand-in for Azure Container Instances.")


class InvalidContainerGroupUpdate(BadRequest):
    code = "InvalidContainerGroupUpdate"

    def __init__(self, group: str, what: str, old: object, new: object) -> None:
        super().__init__(
            f"The updates on container group '{group}' are invalid. If you are going to update the {what} "
            f'(old "{old}", new "{new}") for a container group, you must delete it first and then create a new one.'
        )


class InvalidImageRegistryIdentity(BadRequest):
    code = "InvalidImageRegistryIdentity"

    def __init__(self, group: str) -> None:
        super().__init__(
            f"The identity in the 'imageRegistryCredentials' of container group '{group}' not found in container group "
            "identity list"
        )


class InaccessibleImage(BadRequest):
    code = "InaccessibleImage"

    def __init__(self, image: str, group: str) -> None:
        super().__init__(
            f"The image '{image}' in container group '{group}' is not accessible. Please check the image and registry "
            "credential."
        )


class RegistryErrorResponse(Conflict):
    code = "RegistryErrorResponse"

    def __init__(self, registry: str) -> None:
        super().__init__(f"An error response is received from the docker registry '{registry}'. Please retry later.")


class ContainerNotFound(NotFound):
    code = "ContainerNotFound"

    def __init__(self, container: str, group: str) -> None:
        super().__init__(f"The container '{container}' in container group '{group}' is not found.")


class DnsNameLabelNotAvailable(BadRequest):
    code = "DnsNameLabelNotAvailable"

    def __init__(self, label: str, group: str, region: str) -> None:
        super().__init__(
            f"The DNS name label '{label}' in container group '{group}' not available in region '{region}'."
        )
