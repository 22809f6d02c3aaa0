"""Ports that modules publish and files of the device that they are given, as createOptions."""

from __future__ import annotations

from typing import Any

import pytest

from edge.manifest import DeviceFile, Module, Port, joined, layer_content, open_to_the_lan, validate

KEY = DeviceFile(on_device="/etc/edgeway/web/key", in_module="/run/key")


def options(**given: Any) -> dict[str, Any]:
    module = Module(image="cr.example/web:1", **given)
    assert validate(layer_content(modules={"web": module}), "layer") == []
    return joined(module.content()["settings"])


def test_a_port_is_the_devices_own_unless_it_is_for_the_lan() -> None:
    made = options(
        ports=(
            Port(in_module=80),
            Port(in_module=80, on_device=8080, expose="lan", key_file=KEY),
            Port(in_module=514, on_device=5514, protocol="udp"),
        )
    )

    assert made["HostConfig"]["PortBindings"] == {
        "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "80"}, {"HostIp": "0.0.0.0", "HostPort": "8080"}],
        "514/udp": [{"HostIp": "127.0.0.1", "HostPort": "5514"}],
    }
    assert made["ExposedPorts"] == {"80/tcp": {}, "514/udp": {}}


def test_its_key_is_a_file_of_the_device_and_stands_nowhere_else() -> None:
    made = options(ports=(Port(in_module=80, expose="lan", key_file=KEY),), files=(KEY,))

    assert made["HostConfig"]["Mounts"] == [
        {"Type": "bind", "Source": "/etc/edgeway/web/key", "Target": "/run/key", "ReadOnly": True}
    ]
    assert "Env" not in made


def test_what_the_module_says_itself_stays() -> None:
    own: dict[str, Any] = {
        "ExposedPorts": {"9/tcp": {}},
        "HostConfig": {
            "Memory": 6291456,
            "PortBindings": {"9/tcp": None},
            "Mounts": [{"Type": "tmpfs", "Target": "/tmp"}],
        },
    }
    made = options(create_options=own, ports=(Port(in_module=80),), files=(KEY,))

    assert made["ExposedPorts"] == {"9/tcp": {}, "80/tcp": {}}
    assert made["HostConfig"]["Memory"] == 6291456
    assert list(made["HostConfig"]["PortBindings"]) == ["9/tcp", "80/tcp"]
    assert [one["Target"] for one in made["HostConfig"]["Mounts"]] == ["/tmp", "/run/key"]
    assert own["HostConfig"]["Mounts"] == [{"Type": "tmpfs", "Target": "/tmp"}], "the given options are not changed"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"in_module": 0}, "port 0 is refused; allowed: 1 to 65535"),
        ({"in_module": 80, "on_device": 65536}, "port 65536 is refused"),
        ({"in_module": 80, "expose": "lan"}, "port 80 for the LAN is refused without key_file"),
        ({"in_module": 80, "expose": "world"}, "'world', 'tcp' is refused; allowed: device or lan"),
        ({"in_module": 80, "protocol": "sctp"}, "'sctp' is refused"),
    ],
)
def test_a_wrong_port_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Port(**given)


@pytest.mark.parametrize("path", ["", "key", "/", "/etc/../key", "/etc//key", "/etc/key/"])
def test_a_file_of_the_device_has_its_whole_path(path: str) -> None:
    with pytest.raises(ValueError, match="is refused; allowed: a file's path from the root"):
        DeviceFile(on_device=path, in_module="/run/key")


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ({"PortBindings": {"80/tcp": [{"HostPort": "80"}]}}, ["port 80"]),
        ({"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": ""}]}}, ["port (any, for 80/tcp)"]),
        ({"portbindings": {"80/tcp": [{"hostip": "0.0.0.0", "hostport": "8080"}]}}, ["port 8080"]),
        ({"PortBindings": {"80/tcp": [{"HostIp": "::", "HostPort": "80"}]}}, ["port 80"]),
        (
            {"PortBindings": {"80/tcp": [{"HostIp": "192.0.2.1", "HostPort": "80"}, None]}},
            ["port 80", "port (any, for 80/tcp)"],
        ),
        ({"PortBindings": {"80/tcp": [{"HostIp": "127.0.0.9", "HostPort": "80"}], "81/tcp": None}}, []),
        ({"PortBindings": {"80/tcp": [{"HostIp": "::1", "HostPort": "80"}]}}, []),
        ({"NetworkMode": "host"}, ["every port that it listens at (NetworkMode: host)"]),
        ({"PublishAllPorts": True}, ["every port that its image names (PublishAllPorts)"]),
        ({"PortBindings": None}, []),
    ],
)
def test_what_the_network_reaches_is_known_of_any_create_options(host: dict[str, Any], told: list[str]) -> None:
    assert list(open_to_the_lan({"HostConfig": host})) == told
    assert list(open_to_the_lan({"hostConfig": host})) == told
