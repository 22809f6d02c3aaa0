"""The stack's configuration (`edgeway:` in Pulumi.<stack>.yaml) as one typed tree.

Shape and single values are described here and decoded by msgspec (`load`); what spans several keys is in `checks`, how
a finding is worded in `wording`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from contracts.names import BASE_IMAGE, MODEL_NAME, MODEL_NAME_ALLOWED
from contracts.thresholds import Threshold
from edge.manifest import FIRST_LAYER_PRIORITY
from infra.settings.machines.computes import ClusterSettings, ComputeSettings, KubernetesClusterSettings
from infra.settings.machines.hosts import HOSTS_TOLD, VmHost
from infra.settings.serving import EndpointSettings

PROJECT = "edgeway"
LOCAL = "local"
"""The environment of the stack that runs on one machine."""
BUILT_FOR = "amd64"
"""The processors that images are built here for."""

# Patterns end in \Z: $ lets a line end follow.
_Name = Annotated[str, Meta(pattern=rf"^(?:{MODEL_NAME})\Z", description=MODEL_NAME_ALLOWED)]
_Word = Annotated[str, Meta(min_length=1, description="a text that is not empty")]
# A host with a dot or a port may stand before it, as Docker reads names.
_IMAGE_NAME = r"([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*"
_Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z", description="64 digits of 0-9a-f")]


class _Part(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A part of the tree: immutable, spelt in camelCase, and closed."""


class SimulatorData(_Part, frozen=True, tag_field="source", tag="simulator"):
    seed: Annotated[int, Meta(ge=0)]
    rows: Annotated[int, Meta(ge=1, le=1_000_000)]


class CsvData(_Part, frozen=True, tag_field="source", tag="csv"):
    path: _Word


class UrlData(_Part, frozen=True, tag_field="source", tag="url"):
    url: Annotated[str, Meta(pattern="^https://", description="an https:// address")]
    sha256: _Sha256


class NoData(_Part, frozen=True, tag_field="source", tag="none"):
    """Of a ready model: all that it is made of lies in its folder."""


DataSettings = SimulatorData | CsvData | UrlData | NoData


class ThresholdSettings(_Part, frozen=True):
    min: float | None = None
    max: float | None = None


HERE = "here"
"""Where a model trains that names no compute: on the machine that deploys."""


class TrainSettings(_Part, frozen=True):
    data: DataSettings = NoData()
    on: _Word = HERE
    """`here`, or the name of a compute."""
    attempt: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    """Counts up to train anew with equal inputs."""
    hyperparameters: dict[_Name, bool | int | float | str] = {}
    thresholds: dict[
        _Name,
        Annotated[
            ThresholdSettings | float, Meta(description="a number (the least allowed), or a tree of min, max or both")
        ],
    ] = {}

    def data_spec(self) -> dict[str, Any]:
        """What `edgeway data` was asked for: the mapping in the stack file, as no source has defaults."""
        spec: dict[str, Any] = msgspec.to_builtins(self.data)
        return spec

    def allowed_metrics(self) -> dict[str, Threshold]:
        """By metric; a number alone is the least allowed value."""
        return {
            metric: Threshold(min=given.min, max=given.max)
            if isinstance(given, ThresholdSettings)
            else Threshold(min=given)
            for metric, given in self.thresholds.items()
        }


_START_SECONDS, _ANSWERS = 20, 4


class GateSettings(_Part, frozen=True):
    """Of the container in which an image is checked before anything else gets it."""

    network: bool = False
    """For entry scripts that fetch something in `init`."""
    start_seconds: Annotated[int, Meta(ge=1, le=3600)] | None = None
    """For loading, `init` and every golden example together."""

    def seconds(self, latency_ms: int) -> int:
        """Where none are given, also for answers that take as long as the model's places let them."""
        return self.start_seconds or max(_START_SECONDS, _ANSWERS * latency_ms // 1000)


class ModelSettings(_Part, frozen=True):
    name: _Name
    train: TrainSettings = TrainSettings()
    endpoints: tuple[EndpointSettings, ...] = ()
    gate: GateSettings = GateSettings()
    gpu: bool = False
    """Its image can compute on NVIDIA's, too: some 2 GB more, in every place."""


class LayerSettings(_Part, frozen=True):
    name: _Word
    """The deployment's, and the file's: `edge/layers/<name>.py`; where `layer` names that, a name of its own."""
    target_condition: _Word
    priority: int = FIRST_LAYER_PRIORITY
    settings: dict[str, Any] = {}
    """Of the layer's own type, which `layers` reads them as."""
    layer: _Name | None = None
    """Of `edge/layers/<layer>.py`: one file may be several deployments, each for a class of devices."""

    @property
    def file(self) -> str:
        return self.layer or self.name


class DeviceSettings(_Part, frozen=True):
    id: Annotated[
        str,
        Meta(
            pattern=r"^(?=.{1,32}\Z)[a-z](?:-*[a-z0-9])*\Z",
            description="1 to 32 of a-z, 0-9 and -, a letter first and no - last, as it stands in the certificates of "
            "the IoT Edge runtime",
        ),
    ]
    tags: dict[
        Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}\Z", description="letters, digits and _, at most 64")],
        Annotated[
            str,
            Meta(
                pattern=r"^[A-Za-z0-9:.+%_#*?!(),=@;$-]{1,256}\Z",
                description="1 to 256 letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ in quotes",
            ),
        ],
    ] = {}
    host: Annotated[Literal["external"] | VmHost, Meta(description=HOSTS_TOLD)] = "external"
    """A machine of one's own, or a virtual machine that the stack makes."""
    arch: Literal["amd64", "arm64"] = "amd64"
    """Of its processor, as Docker spells it."""
    gpu: bool = False
    """That it has one, and what Docker needs to give it to modules."""
    memory_mb: Annotated[int, Meta(ge=64, le=16_777_216)] | None = None
    """For modules, in MiB, beside edgeAgent and edgeHub: so much their limits may be together. None: not judged."""


class IotHubSettings(_Part, frozen=True):
    sku: Literal["F1", "S1", "S2", "S3"] = "S1"
    units: Annotated[int, Meta(ge=1, le=200)] = 1
    partitions: Annotated[int, Meta(ge=2, le=32)] = 2
    retention_days: Annotated[int, Meta(ge=1, le=7)] = 1


class RegistrySettings(_Part, frozen=True):
    sku: Literal["Basic", "Standard", "Premium"] = "Basic"
    password_rotation: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    """Counts up to make that of the two passwords of the devices' token anew which they do not use."""


class OperatorSettings(_Part, frozen=True):
    """Someone who deploys: gets the data-plane rights that `up` needs beside Contributor."""

    principal_id: Annotated[
        str,
        Meta(
            pattern=r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\Z",
            description="an object id such as 01234567-89ab-cdef-0123-456789abcdef",
        ),
    ]
    type: Literal["ServicePrincipal", "User", "Group"]


class ExistingSettings(_Part, frozen=True):
    """What somebody else made: used, never made, tagged or destroyed."""

    resource_group: Annotated[
        str,
        Meta(
            pattern=r"^[\w().-]{0,89}[\w()-]\Z",
            description="a resource group's name: 1 to 90 letters, digits, - _ ( ) and ., not ending in .",
        ),
    ]


class Settings(_Part, frozen=True):
    environment: Annotated[
        str, Meta(pattern=r"^[a-z][a-z0-9]{1,7}\Z", description="2 to 8 of a-z and 0-9, starting with a letter")
    ]
    location: Annotated[
        str, Meta(pattern=r"^[a-z][a-z0-9]{2,39}\Z", description="a region's short name such as westeurope")
    ]
    models: Annotated[tuple[ModelSettings, ...], Meta(min_length=1)]
    edge_runtime: Annotated[
        str, Meta(pattern=r"^[0-9]+\.[0-9]+(\.[0-9]+)?\Z", description="a version such as 1.6.1, in quotes")
    ]
    base_image: Annotated[
        str,
        Meta(
            pattern=rf"^{_IMAGE_NAME}(:[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}}|@sha256:[0-9a-f]{{64}})\Z",
            description="name@sha256:<64 hex>, or name:tag on the stack 'local'",
        ),
    ] = BASE_IMAGE
    """What the images are built on."""
    computes: tuple[ComputeSettings, ...] = ()
    layers: tuple[LayerSettings, ...] = ()
    devices: tuple[DeviceSettings, ...] = ()
    iot_hub: IotHubSettings = IotHubSettings()
    registry: RegistrySettings = RegistrySettings()
    operators: tuple[OperatorSettings, ...] = ()
    existing: ExistingSettings | None = None
    role_settle_seconds: Annotated[int, Meta(ge=0, le=1800)] = 20
    """How long Azure gets to honour a role assignment of an identity before the identity is used."""
    protect: bool = False
    """Refuse to delete what holds data or a global name."""
    accept: tuple[
        Literal["flawedRuntime", "rollingRuntime", "deviceWithoutLayer", "layerWithoutDevice", "openPort"], ...
    ] = ()
    """Warnings that this stack's owner knows, and wants to hear no more."""

    @property
    def existing_group(self) -> str | None:
        """The resource group that somebody else made."""
        return self.existing.resource_group if self.existing else None

    @property
    def training_clusters(self) -> list[ClusterSettings]:
        return [one for one in self.computes if isinstance(one, ClusterSettings)]

    @property
    def kubernetes_clusters(self) -> list[KubernetesClusterSettings]:
        return [one for one in self.computes if isinstance(one, KubernetesClusterSettings)]

    @property
    def vm_hosts(self) -> dict[str, VmHost]:
        """By the device's id."""
        return {one.id: one.host for one in self.devices if isinstance(one.host, VmHost)}

    @property
    def build_args(self) -> dict[str, str]:
        """Of every Dockerfile. Nothing where the Dockerfiles' own base is meant: it is no part of an image's digest."""
        return {} if self.base_image == BASE_IMAGE else {"BASE_IMAGE": self.base_image}

    @property
    def is_production(self) -> bool:
        return self.environment == "prod"
