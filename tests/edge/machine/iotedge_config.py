"""What `iotedge config apply` reads of a config.toml, as far as ours goes; any other member is refused here.

After https://github.com/Azure/iotedge/blob/main/edgelet/iotedge/src/config/super_config.rs and the file of the same
name in iot-identity-service. The Rust types take unknown members silently, so this is stricter.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct


class _Part(Struct, forbid_unknown_fields=True):
    pass


class Key(_Part):
    uri: Annotated[str, Meta(pattern="^file:///")]


class Authentication(_Part):
    method: Literal["sas"]
    device_id_pk: Key


class Provisioning(_Part):
    source: Literal["manual"]
    iothub_hostname: str
    device_id: str
    authentication: Authentication


class AgentConfig(_Part):
    image: str


class Agent(_Part):
    name: Literal["edgeAgent"]
    type: Literal["docker"]
    imagePullPolicy: Literal["on-create", "never"]
    config: AgentConfig


class QuickstartCa(_Part):
    auto_generated_edge_ca_expiry_days: int


class ImageGarbageCollection(_Part):
    enabled: bool
    cleanup_recurrence: Annotated[str, Meta(pattern="^[1-9][0-9]*d$")]
    image_age_cleanup_threshold: Annotated[str, Meta(pattern="^[1-9][0-9]*[mhd]$")]
    cleanup_time: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class IotedgeConfig(_Part):
    provisioning: Provisioning
    agent: Agent
    edge_ca: QuickstartCa
    image_garbage_collection: ImageGarbageCollection
    allow_elevated_docker_permissions: bool = True
    hostname: str | None = None
