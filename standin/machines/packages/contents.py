"""What packages.microsoft.com holds for a device: the packages' own users, checks, units and paths, around programs
of the stand-in's.

https://github.com/Azure/iotedge/tree/main/edgelet/contrib/debian
https://github.com/Azure/iot-identity-service/tree/main/contrib/debian
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from standin.machines.packages import scripts, units
from standin.machines.packages.deb import File, Package

EDGE = "1.6.0-1"
MOBY = "29.7.2-ubuntu{release}u2"
CODENAMES = {"22.04": "jammy", "24.04": "noble"}
"""Those of which the packages are built."""

_GUEST = Path(__file__).parents[1] / "guest"


def packages(release: str) -> list[Package]:
    """Of an Ubuntu release."""
    moby = MOBY.format(release=release)
    return [_engine(moby), _cli(moby), _identity_service(), _edge()]


def _engine(version: str) -> Package:
    return Package(
        name="moby-engine",
        version=version,
        depends=("systemd", "python3"),
        description="the Docker engine's socket, over modules that run beside the machine",
        files={
            "/usr/bin/dockerd": _program("moby-engine", "dockerd"),
            **_library("moby-engine"),
            **_units("docker.service", "docker.socket"),
        },
        scripts={
            "preinst": scripts.ENGINE_PREINST,
            "postinst": "#!/bin/sh\nset -e\n" + scripts.started("docker.socket", "docker.service"),
        },
    )


def _cli(version: str) -> Package:
    number = version.partition("-")[0]
    script = f'#!/bin/sh\n[ "$1" = --version ] && exec echo "Docker version {number}, build standin"\n' + scripts.DOCKER
    return Package(
        name="moby-cli",
        version=version,
        depends=("curl",),
        description="the docker command: what it says of itself, and ps",
        files={"/usr/bin/docker": File(content=script.encode(), mode=0o755)},
    )


def _identity_service() -> Package:
    daemons = ("keyd", "certd", "identityd", "tpmd")
    programs = {
        f"/usr/libexec/aziot-identity-service/aziot-{name}": _program("aziot-identity-service", name)
        for name in ("keyd", "identityd")
    }
    defaults = {f"/etc/aziot/{name}/config.toml.default": File(content=b"") for name in daemons}
    return Package(
        name="aziot-identity-service",
        version=EDGE,
        depends=("psmisc", "python3"),
        description="aziot-keyd, -certd, -identityd and -tpmd",
        files={
            **programs,
            **defaults,
            "/etc/aziot/config.toml.template": File(content=b"# see config.toml.edge.template\n"),
            **_library("aziot-identity-service"),
            **_units(*(f"aziot-{name}.{kind}" for name in daemons for kind in ("service", "socket"))),
        },
        folders=tuple(f"/etc/aziot/{name}/config.d" for name in daemons),
        scripts={
            "preinst": scripts.IDENTITY_PREINST,
            "postinst": scripts.IDENTITY_POSTINST + scripts.started(*(f"aziot-{name}.socket" for name in daemons)),
        },
    )


def _edge() -> Package:
    sockets = ("aziot-edged.mgmt.socket", "aziot-edged.workload.socket")
    return Package(
        name="aziot-edge",
        version=EDGE,
        depends=("adduser", "ca-certificates", "hostname", "psmisc", "sed", f"aziot-identity-service (= {EDGE})"),
        description="aziot-edged and the iotedge command",
        files={
            "/usr/bin/iotedge": _program("aziot-edge", "iotedge"),
            "/usr/libexec/aziot/aziot-edged": _program("aziot-edge", "edged"),
            "/etc/aziot/config.toml.edge.template": File(content=b'[provisioning]\nsource = "manual"\n'),
            "/etc/aziot/edged/config.toml.default": File(content=b""),
            "/etc/logrotate.d/aziot-edge": File(content=b"/var/log/aziot/edged/*.log {\n  missingok\n}\n"),
            **_library("aziot-edge"),
            **_units("aziot-edged.service", *sockets),
        },
        folders=("/etc/aziot/edged/config.d",),
        scripts={
            "preinst": scripts.EDGE_PREINST,
            "postinst": scripts.EDGE_POSTINST + scripts.started(*sockets, "aziot-edged.service"),
        },
    )


def _program(package: str, module: str) -> File:
    """Runs one of the guest's modules from the package's own library."""
    script = f'#!/bin/sh\nPYTHONPATH=/usr/lib/{package} exec /usr/bin/python3 -m standin.machines.guest.{module} "$@"\n'
    return File(content=script.encode(), mode=0o755)


def _library(package: str) -> Mapping[str, File]:
    """The guest's modules under their own names, as they import each other."""
    root = f"/usr/lib/{package}/standin"
    empty = {f"{root}/__init__.py": File(content=b""), f"{root}/machines/__init__.py": File(content=b"")}
    modules = sorted(_GUEST.glob("*.py"))
    return empty | {f"{root}/machines/guest/{file.name}": File(content=file.read_bytes()) for file in modules}


def _units(*names: str) -> Mapping[str, File]:
    return {f"/lib/systemd/system/{name}": File(content=units.UNITS[name].encode()) for name in names}
