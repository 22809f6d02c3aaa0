"""Devices whose host is a virtual machine, refused."""

from __future__ import annotations

from typing import Any

from tests.infra.settings.good import DEVICE, Refused

SSH = f"ssh-ed25519 {68 * 'A'} someone@somewhere"
HOST = (*DEVICE, "host")
_KEY = (
    "allowed: a public key of SSH in one line, ssh-ed25519 or ssh-rsa: Azure makes no machine without one, though "
    "nobody reaches its port"
)
_SIZE = (
    "allowed: a size of Azure's for amd64 of the families B, D, E, F or, with a GPU, NC, such as Standard_B2s_v2 or "
    "Standard_NC4as_T4_v3"
)
_TREE = "external, or a tree of kind: vm, sshPublicKey, size, ubuntu, outbound, diskGb, elevated"


def vm(**more: Any) -> dict[str, Any]:
    return {"kind": "vm", "sshPublicKey": SSH, **more}


HOSTS: list[Refused] = [
    (HOST, "vm", [f'edgeway:devices[0].host: "vm" is refused; allowed: {_TREE}']),
    (HOST, {"kind": "VM"}, ['edgeway:devices[0].host.kind: "VM" is refused; allowed: vm']),
    (
        HOST,
        {"kind": "vm", "disk": 1},
        [
            "edgeway:devices[0].host.disk: unknown key; allowed are kind, sshPublicKey, size, ubuntu, outbound, "
            "diskGb, elevated",
            f"edgeway:devices[0].host.sshPublicKey: missing; it has no default; {_KEY}",
        ],
    ),
    (
        HOST,
        vm(sshPublicKey="-----BEGIN OPENSSH PRIVATE KEY-----"),
        [f'edgeway:devices[0].host.sshPublicKey: "-----BEGIN OPENSSH PRIVATE KEY-----" is refused; {_KEY}'],
    ),
    (
        HOST,
        vm(size="Standard_D2ps_v5"),
        [f'edgeway:devices[0].host.size: "Standard_D2ps_v5" is refused; {_SIZE}'],
    ),
    (
        HOST,
        vm(size="Standard_NV4as_v4", ubuntu="20.04", outbound="none", diskGb=10),
        [
            f'edgeway:devices[0].host.size: "Standard_NV4as_v4" is refused; {_SIZE}',
            'edgeway:devices[0].host.ubuntu: "20.04" is refused; allowed: "22.04", "24.04"',
            'edgeway:devices[0].host.outbound: "none" is refused; allowed: nat, publicIp',
            "edgeway:devices[0].host.diskGb: 10 is refused; allowed: a whole number from 30 to 4_095",
        ],
    ),
    (HOST, vm(ubuntu=24.04), ['edgeway:devices[0].host.ubuntu: 24.04 is refused; allowed: "22.04", "24.04"']),
    (
        DEVICE,
        {"id": "workspace", "host": vm()},
        [
            'edgeway:devices[0].id: "workspace" is refused; allowed: another name with host vm: the stack has an '
            "identity called so"
        ],
    ),
    (
        DEVICE,
        {"id": "vm-01", "host": vm(), "gpu": True, "arch": "arm64"},
        [
            'edgeway:devices[0].arch: "arm64" is refused; allowed: amd64: Standard_B2s_v2 is of no other',
            "edgeway:devices[0].gpu: true is refused; allowed: false with Standard_B2s_v2, which has none; a size of "
            "Standard_NC* has",
        ],
    ),
    (
        HOST,
        vm(size="Standard_NC4as_T4_v3"),
        [
            "edgeway:devices[0].gpu: false is refused; allowed: true with Standard_NC4as_T4_v3: its driver and "
            "Docker's toolkit for it come with gpu: true"
        ],
    ),
]
