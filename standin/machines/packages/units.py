"""The units of the packages, under their own names and with what decides how they behave: users, sockets, restarts.

https://github.com/Azure/iotedge/tree/main/edgelet/contrib/systemd/debian
https://github.com/Azure/iot-identity-service/blob/main/key/aziot-keyd/aziot-keyd.service.in
"""

from __future__ import annotations

from collections.abc import Iterator

_USERS = {"keyd": "aziotks", "certd": "aziotcs", "identityd": "aziotid", "tpmd": "aziottpm"}
_IDLE = ("certd", "tpmd")
"""Whose work nobody here needs."""


def _identity(name: str, user: str) -> Iterator[tuple[str, str]]:
    program = "/bin/sleep infinity" if name in _IDLE else f"/usr/libexec/aziot-identity-service/aziot-{name}"
    yield (
        f"aziot-{name}.service",
        f"""[Unit]
Requires=aziot-{name}.socket
After=aziot-{name}.socket

[Service]
ExecStart={program}
KillMode=process
Restart=on-failure
RestartSec=5s
User={user}

[Install]
WantedBy=multi-user.target
""",
    )
    yield f"aziot-{name}.socket", _socket(f"aziot-{name}", f"/run/aziot/{name}.sock", user, user, "0660")


def _socket(service: str, path: str, user: str, group: str, mode: str) -> str:
    return f"""[Unit]
PartOf={service}.service

[Socket]
ListenStream={path}
SocketMode={mode}
DirectoryMode=0755
SocketUser={user}
SocketGroup={group}
Service={service}.service

[Install]
WantedBy=sockets.target
"""


UNITS = {
    "docker.socket": _socket("docker", "/run/docker.sock", "root", "docker", "0660"),
    "docker.service": """[Unit]
After=network-online.target docker.socket
Wants=network-online.target
Requires=docker.socket

[Service]
ExecStart=/usr/bin/dockerd
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
""",
    **{name: text for daemon, user in _USERS.items() for name, text in _identity(daemon, user)},
    "aziot-edged.mgmt.socket": _socket("aziot-edged", "/run/iotedge/mgmt.sock", "edgeagentuser", "iotedge", "0660"),
    "aziot-edged.workload.socket": _socket("aziot-edged", "/run/iotedge/workload.sock", "iotedge", "iotedge", "0666"),
    "aziot-edged.service": """[Unit]
After=network-online.target docker.service aziot-edged.workload.socket aziot-edged.mgmt.socket
Requires=aziot-edged.workload.socket aziot-edged.mgmt.socket
Wants=network-online.target docker.service

[Service]
ExecStart=/usr/libexec/aziot/aziot-edged
KillMode=process
TimeoutStartSec=600
TimeoutStopSec=40
Restart=on-failure
RestartPreventExitStatus=153
RestartSec=5
User=iotedge
Group=iotedge

[Install]
WantedBy=multi-user.target
Also=aziot-edged.workload.socket aziot-edged.mgmt.socket
""",
}
"""Name -> text."""
