"""What does not go together with a device that is a virtual machine of the stack, or with what its layers bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edge.machine.pins import EDGE_VERSION, RUNTIMES
from infra.settings import layers
from infra.settings.computes import OWN_IDENTITIES
from infra.settings.devices.sums import Asked, asked_of
from infra.settings.layers import PlannedLayer
from infra.settings.machines.hosts import VmHost
from infra.settings.tree import BUILT_FOR, LOCAL, PROJECT, DeviceSettings, Settings
from infra.settings.wording import Problem, refused


def misfits(settings: Settings, planned: Sequence[PlannedLayer]) -> Iterator[Problem]:
    if settings.vm_hosts and not settings.edge_runtime.startswith(RUNTIMES):
        why = f"{RUNTIMES}<patch> with a device of host vm: its machine gets aziot-edge {EDGE_VERSION}"
        yield refused(f"{PROJECT}:edgeRuntime", settings.edge_runtime, why)
    for index, device in enumerate(settings.devices):
        if isinstance(device.host, VmHost):
            key = f"{PROJECT}:devices[{index}]"
            if taken := _taken(settings).get(device.id):
                yield refused(f"{key}.id", device.id, f"another name with host vm: {taken}")
            yield from _machine(key, device, device.host, local=settings.environment == LOCAL)
            for one in asked_of(layers.on_device(layers.twin(settings, index), planned)):
                yield from _module(key, device, device.host, one)


def _taken(settings: Settings) -> dict[str, str]:
    """Why, by the id. A machine's identity is called after its device, as other parts' are after them: with another
    part's it would have that one's rights."""
    return {
        **{one.name: "the compute of that name has an identity called so" for one in settings.training_clusters},
        **dict.fromkeys(OWN_IDENTITIES, "the stack has an identity called so"),
        "nat": "the stack calls the address of its NAT gateway so",
        "localhost": "a machine is called so by itself",
    }


def _machine(key: str, device: DeviceSettings, host: VmHost, *, local: bool) -> Iterator[Problem]:
    if device.arch != BUILT_FOR:
        yield refused(f"{key}.arch", device.arch, f"{BUILT_FOR}: {host.size} is of no other")
    if device.gpu and not host.has_gpu:
        why = f"false with {host.size}, which has none; a size of Standard_NC* has"
        yield refused(f"{key}.gpu", device.gpu, why)
    if host.has_gpu and not device.gpu:
        why = f"true with {host.size}: its driver and Docker's toolkit for it come with gpu: true"
        yield refused(f"{key}.gpu", device.gpu, why)
    if host.has_gpu and local:
        why = f"a size without a GPU on the stack {LOCAL}: its machines are containers here"
        yield refused(f"{key}.host.size", host.size, why)


def _module(key: str, device: DeviceSettings, host: VmHost, one: Asked) -> Iterator[Problem]:
    who = f"{device.id} gets {one.module} of {one.layer}"
    if one.host.get("NetworkMode") == "host":
        yield Problem(
            key,
            f"{who}, which shares the machine's network (NetworkMode: host): from there it would get the machine's "
            "tokens, and with them the device's key; a network of Docker's is wanted",
        )
    wanted = [name for name in ("Privileged", "CapAdd") if one.host.get(name)]
    if wanted and not host.elevated:
        yield Problem(
            f"{key}.host.elevated",
            f"{who}, which asks for {' and '.join(wanted)}; elevated: true is wanted: without, its agent drops that",
        )
