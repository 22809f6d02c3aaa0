"""The devices of a stack, those machines that it makes for them itself, and the images that they run beside the models'
own: each image is made once, however many layers need it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pulumi

from cloud.naming import Names
from contracts.names import model_repository
from infra.clone_inputs import CloneInputs, Replay
from infra.components.devices.edge_device import EdgeDevice, EdgeDeviceArgs
from infra.components.devices.module_image import ModuleImage, ModuleImageArgs, module_repository, repository_of
from infra.components.devices.replay_image import ReplayImage, ReplayImageArgs
from infra.components.foundation import Foundation
from infra.components.iot_hub import IotHub
from infra.components.model import Model
from infra.components.operators import Operators
from infra.components.registry import Registry
from infra.components.site import Site
from infra.components.vault import Vault
from infra.resources.device_identity import KeySecretArgs
from infra.settings.layers import PlannedLayer, tags_of
from infra.settings.machines.hosts import VmHost
from infra.settings.tree import DeviceSettings, Settings

if TYPE_CHECKING:  # a stack without such a machine does not pay for what one is made of
    from infra.components.machines.edge_machine import EdgeMachine, MachineNames
    from infra.components.machines.network import MachineNetwork


def module_images(
    inputs: CloneInputs, registry: Registry, models: Mapping[str, Model]
) -> dict[str, pulumi.Output[str]]:
    """`login/repository@sha256:...` by the name that layers use."""
    images = {name: _module_image(name, digest, inputs, registry) for name, digest in inputs.module_contexts.items()}
    replays = {
        name: _replay_image(name, one, inputs, registry, models[one.rows.model]) for name, one in inputs.replays.items()
    }
    return {**images, **replays}


def _module_image(name: str, digest: str, inputs: CloneInputs, registry: Registry) -> pulumi.Output[str]:
    return ModuleImage(
        name,
        ModuleImageArgs(
            image=name,
            login_server=registry.login_server,
            image_context_digest=digest,
            build_args=inputs.build_args,
        ),
    ).image.ref


def _replay_image(
    name: str, replay: Replay, inputs: CloneInputs, registry: Registry, model: Model
) -> pulumi.Output[str]:
    return ReplayImage(
        name,
        ReplayImageArgs(
            rows=replay.rows,
            login_server=registry.login_server,
            image_context_digest=replay.context,
            build_args=inputs.build_args,
            artifact_digest=model.run.digest,
            source=model.source,
        ),
    ).image.ref


def device_repositories(layers: Sequence[PlannedLayer], registry: str) -> list[str]:
    """What devices pull of the stack's own registry: what is built for layers, and what a user has copied there."""
    names = [layer.needs for layer in layers]
    models = {model_repository(model) for needs in names for model in needs.models}
    images = {module_repository(image) for needs in names for image in (*needs.images, *needs.replays)}
    published = [image for needs in names for image in needs.published.values() if image.startswith(f"{registry}.")]
    return sorted({*models, *images, *map(repository_of, published)})


def make_devices(
    settings: Settings, names: Names, hub: IotHub, operators: Operators, vault: Vault
) -> dict[str, EdgeDevice]:
    """By id. What is in the vault is deleted before the vault is purged."""
    return {
        device.id: EdgeDevice(
            device.id,
            EdgeDeviceArgs(
                hub_host=hub.host,
                device_id=device.id,
                tags=tags_of(device, settings),
                hub_ready=[*operators.ready, vault.purge] if device.id in settings.vm_hosts else operators.ready,
                key_secret=_key_secret(device, settings, names),
            ),
        )
        for device in settings.devices
    }


def _key_secret(device: DeviceSettings, settings: Settings, names: Names) -> KeySecretArgs | None:
    if device.id not in settings.vm_hosts:
        return None
    return KeySecretArgs(vault=names.key_vault, name=_secret_name(device.id))


def _secret_name(device_id: str) -> str:
    return f"device-{device_id}"


def make_machines(
    settings: Settings,
    names: Names,
    site: Site,
    foundation: Foundation,
    hub: IotHub,
    vault: Vault,
    devices: Mapping[str, EdgeDevice],
) -> dict[str, EdgeMachine]:
    """By the device's id. Without such a device there is no network either."""
    hosts = settings.vm_hosts
    if not hosts:
        return {}
    from edge.machine.surroundings import Surroundings
    from infra.components.machines.edge_machine import EdgeMachine, EdgeMachineArgs

    network, surroundings = _network(settings, names, site), Surroundings.of(os.environ)
    return {
        device.id: EdgeMachine(
            device.id,
            EdgeMachineArgs(
                site=site,
                host=host,
                gpu=device.gpu,
                device=devices[device.id],
                device_id=device.id,
                hub_host=hub.host,
                vault=vault,
                foundation=foundation,
                named=_machine_names(device.id, host, names),
                network=network,
                surroundings=surroundings,
                made_by=f"the stack of {settings.environment}",
            ),
        )
        for device in settings.devices
        if (host := hosts.get(device.id)) is not None
    }


def _network(settings: Settings, names: Names, site: Site) -> MachineNetwork:
    from infra.components.machines.network import MachineNetwork, MachineNetworkArgs

    return MachineNetwork(
        "machines",
        MachineNetworkArgs(
            site=site,
            network_name=names.machine_network,
            security_group_name=names.machine_security_group,
            nat_gateway_name=names.nat_gateway,
            nat_address_name=names.public_address("nat"),
            outbound=sorted({host.outbound for host in settings.vm_hosts.values()}),
        ),
    )


def _machine_names(device_id: str, host: VmHost, names: Names) -> MachineNames:
    from infra.components.machines.edge_machine import MachineNames

    return MachineNames(
        identity=names.identity(device_id),
        machine=names.machine(device_id),
        interface=names.machine_interface(device_id, host.outbound),
        address=names.public_address(device_id),
        vault=names.key_vault,
        secret=_secret_name(device_id),
    )
