"""What a layer's author says of a container in fields, as Docker's JSON."""

from __future__ import annotations

from typing import Any

import pytest

from edge.manifest import Bind, Device, Logs, Module, Port, SetTwiceError, Tmpfs, Volume
from edge.manifest.rules.docker import create_options_problems

IMAGE = f"cr.example/camera@sha256:{'0' * 64}"


def test_each_field_stands_where_docker_has_it() -> None:
    module = Module(
        image=IMAGE,
        user="1000:44",
        logs=Logs(size_mb=5, files=2),
        memory_mb=256,
        cpus=0.5,
        mounts=(
            Volume(name="frames", target="/frames"),
            Bind(source="/etc/camera", target="/etc/camera", read_only=True),
            Tmpfs(target="/tmp", size_mb=16),
        ),
        devices=(Device(path="/dev/video0"), Device(path="/dev/ttyUSB0", target="/dev/serial", access="rw")),
        gpu=True,
        ports=(Port(in_module=8080),),
        create_options={"Cmd": ["--fast"], "HostConfig": {"ShmSize": 67108864}},
    )

    options = module.docker()

    assert list(create_options_problems(options)) == []
    assert options == {
        "Cmd": ["--fast"],
        "User": "1000:44",
        "HostConfig": {
            "ShmSize": 67108864,
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "5m", "max-file": "2"}},
            "Memory": 268435456,
            "MemorySwap": 268435456,
            "NanoCpus": 500_000_000,
            "Mounts": [
                {"Type": "volume", "Source": "frames", "Target": "/frames", "ReadOnly": False},
                {"Type": "bind", "Source": "/etc/camera", "Target": "/etc/camera", "ReadOnly": True},
                {"Type": "tmpfs", "Target": "/tmp", "TmpfsOptions": {"SizeBytes": 16777216}},
            ],
            "Devices": [
                {"PathOnHost": "/dev/video0", "PathInContainer": "/dev/video0", "CgroupPermissions": "rwm"},
                {"PathOnHost": "/dev/ttyUSB0", "PathInContainer": "/dev/serial", "CgroupPermissions": "rw"},
            ],
            "DeviceRequests": [{"Count": -1, "Capabilities": [["gpu"]]}],
            "PortBindings": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]},
        },
        "ExposedPorts": {"8080/tcp": {}},
    }


def test_a_module_of_no_fields_says_nothing_to_docker() -> None:
    assert Module(image=IMAGE).docker() == {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"memory_mb": "512"}, "HostConfig.Memory is text; a whole number is wanted"),
        ({"memory_mb": 2}, "HostConfig.Memory is 2097152; 6291456 or more is wanted, or 0 for no limit"),
        ({"memory_mb": True}, "HostConfig.Memory is a boolean; a whole number is wanted"),
        ({"memory_mb": float("nan")}, "HostConfig.Memory is a number; a whole number is wanted"),
        ({"cpus": "all"}, "HostConfig.NanoCpus is text; a whole number is wanted"),
        ({"user": 1000}, "User is a number; text is wanted"),
        ({"logs": "none"}, "HostConfig.LogConfig is text; an object is wanted"),
        ({"logs": Logs(files=1.5)}, "HostConfig.LogConfig.Config.max-file is a number; text is wanted"),  # type: ignore[arg-type]
        ({"gpu": "all"}, "HostConfig.DeviceRequests is text; a list is wanted"),
        ({"gpu": 1}, "HostConfig.DeviceRequests is a number; a list is wanted"),
        ({"devices": "/dev/video0"}, "HostConfig.Devices is text; a list is wanted"),
        ({"devices": ["/dev/video0"]}, "HostConfig.Devices[0] is text; an object is wanted"),
        ({"devices": [Device(path=3)]}, "HostConfig.Devices[0].PathOnHost is a number; text is wanted"),  # type: ignore[arg-type]
        ({"mounts": Volume(name="a", target="/a")}, "HostConfig.Mounts is an object; a list is wanted"),
        ({"mounts": ["/a:/a"]}, "HostConfig.Mounts[0] is text; an object is wanted"),
        (
            {"mounts": [Volume(name="a", target="a")]},
            "HostConfig.Mounts[0].Target is of another form; a path from the root",
        ),
        (
            {"mounts": [Tmpfs(target="/t", size_mb="9")]},  # type: ignore[arg-type]
            "HostConfig.Mounts[0].TmpfsOptions.SizeBytes is text; a whole number is wanted",
        ),
    ],
)
def test_a_field_of_a_wrong_shape_is_told_by_dockers_path(fields: dict[str, Any], said: str) -> None:
    found = list(create_options_problems(Module(image=IMAGE, **fields).docker()))

    assert found and found[0].startswith(said), found


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"memory_mb": 64, "create_options": {"HostConfig": {"memory": 1}}}, "HostConfig.Memory is set by a field"),
        ({"user": "1", "create_options": {"User": "2"}}, "User is set by a field"),
        ({"user": "1", "create_options": []}, "create_options is no object"),
        ({"gpu": True, "create_options": {"HostConfig": "all"}}, "HostConfig is no object"),
    ],
)
def test_a_field_stands_beside_create_options_and_not_over_them(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(SetTwiceError, match=said):
        Module(image=IMAGE, **fields).docker()
