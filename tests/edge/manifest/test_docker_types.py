"""createOptions held to Docker's types: each wrong shape is told by its path, and never quotes what may be secret."""

from __future__ import annotations

from typing import Any

import pytest

from edge.manifest.rules.docker import create_options_problems
from tests.edge.manifest.create_options import WHOLE


def problems(options: dict[str, Any]) -> list[str]:
    return list(create_options_problems(options))


def host(**members: Any) -> dict[str, Any]:
    return {"HostConfig": members}


def test_every_documented_member_of_its_type_is_taken() -> None:
    assert problems(WHOLE) == []


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"HostConfig": None, "Env": None},
        host(PortBindings={"1883/tcp": None, "80": [{}], "5000-5010/udp": [{"HostPort": "5000-5010"}]}),
        {"hostconfig": {"portBINDINGS": {"80/tcp": [{"hostip": "127.0.0.1", "HOSTPORT": "80"}]}}},
        {"Env": ["EMPTY=", "INHERITED", "A=b=c"]},
        host(Binds=["/var/lib/x:/data", "volume:/data:ro", "./relative:/data"]),
        host(Memory=268435456.0, MemorySwap=-1, PidsLimit=None, Init=None),
        {"NetworkingConfig": {"EndpointsConfig": {"host": {}, "bridge": None}}, **host(NetworkMode="host")},
    ],
)
def test_what_docker_takes_is_taken(options: dict[str, Any]) -> None:
    assert problems(options) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"HostConfig": []}, "HostConfig is a list; an object is wanted"),
        (host(PortBindings=[]), "HostConfig.PortBindings is a list; an object is wanted"),
        (host(PortBindings={"80/tcp": {"HostPort": "80"}}), "HostConfig.PortBindings.80/tcp is an object; a list is"),
        (host(PortBindings={"80/tcp": "80"}), "HostConfig.PortBindings.80/tcp is text; a list is wanted"),
        (host(PortBindings={"80/tcp": ["80"]}), "HostConfig.PortBindings.80/tcp[0] is text; an object is wanted"),
        (host(PortBindings={"80/tcp": [{"HostPort": 80}]}), "80/tcp[0].HostPort is a number; a port in quotes"),
        (host(PortBindings={"80/tcp": [{"Port": "80"}]}), "[0].Port is nothing that Docker knows, so it would do noth"),
        (
            host(PortBindings={"http": []}),
            "HostConfig.PortBindings: the name 'http' is of another form; a port such as",
        ),
        (host(Binds="/a:/b"), "HostConfig.Binds is text; a list is wanted"),
        (host(Binds=["/a"]), "HostConfig.Binds[0] is of another form; text such as /on/the/host:/in/the/module"),
        (host(Binds=[None]), "HostConfig.Binds[0] is null; a value is wanted"),
        ({"Env": {"A": "b"}}, "Env is an object; a list is wanted"),
        ({"Env": ["=secret"]}, "Env[0] is of another form; text such as NAME=value is wanted"),
        ({"Env": [{"A": "b"}]}, "Env[0] is an object; text such as NAME=value is wanted"),
        (
            {"Mounts": []},
            "Mounts is nothing that Docker knows, so it would do nothing: it belongs to HostConfig.Mounts",
        ),
        ({"Privileged": True}, "it belongs to HostConfig.Privileged"),
        (
            host(Env=[]),
            "HostConfig.Env is nothing that Docker knows, so it would do nothing: it belongs to createOption",
        ),
        (host(Mounts={}), "HostConfig.Mounts is an object; a list is wanted"),
        (host(Mounts=[{"Type": "folder"}]), "HostConfig.Mounts[0].Type is 'folder'; one of 'bind', 'volume'"),
        (host(Mounts=[{"Target": "data"}]), "Mounts[0].Target is of another form; a path from the root in the module"),
        (host(Mounts=[{"ReadOnly": "true"}]), "HostConfig.Mounts[0].ReadOnly is text; true or false is wanted"),
        (host(Mounts=[{"TmpfsOptions": {"SizeBytes": "1m"}}]), "TmpfsOptions.SizeBytes is text; a whole number is"),
        (host(Devices=["/dev/video0"]), "HostConfig.Devices[0] is text; an object is wanted"),
        (host(Devices=[{"HostPath": "/dev"}]), "there are CgroupPermissions, PathInContainer, PathOnHost"),
        (
            host(DeviceRequests=[{"Capabilities": ["gpu"]}]),
            "DeviceRequests[0].Capabilities[0] is text; a list is wanted",
        ),
        (host(DeviceRequests=[{"Count": "all"}]), "HostConfig.DeviceRequests[0].Count is text; a whole number is"),
        (host(LogConfig="json-file"), "HostConfig.LogConfig is text; an object is wanted"),
        (
            host(LogConfig={"Config": {"max-file": 3}}),
            "HostConfig.LogConfig.Config.max-file is a number; text is wanted",
        ),
        (host(Ulimits={"nofile": 1}), "HostConfig.Ulimits is an object; a list is wanted"),
        (host(Ulimits=[{"Name": "nofile", "Soft": "9"}]), "HostConfig.Ulimits[0].Soft is text; a whole number is wan"),
        (host(Sysctls=["net.core.somaxconn=1"]), "HostConfig.Sysctls is a list; an object is wanted"),
        (host(Sysctls={"net.core.somaxconn": 1}), "HostConfig.Sysctls.net.core.somaxconn is a number; text is wanted"),
        (host(CapAdd="NET_ADMIN"), "HostConfig.CapAdd is text; a list is wanted"),
        (host(CapDrop=[1]), "HostConfig.CapDrop[0] is a number; text is wanted"),
        (host(RestartPolicy="always"), "HostConfig.RestartPolicy is text; an object is wanted"),
        (host(RestartPolicy={"Name": "sometimes"}), "HostConfig.RestartPolicy.Name is 'sometimes'; one of ''"),
        (host(Memory="512m"), "HostConfig.Memory is text; a whole number is wanted"),
        (host(Memory=0.5), "HostConfig.Memory is a number; a whole number is wanted"),
        (host(Memory=True), "HostConfig.Memory is a boolean; a whole number is wanted"),
        (host(OomScoreAdj=2000), "HostConfig.OomScoreAdj is 2000; -1000 to 1000 is wanted"),
        (host(Tmpfs=["/run"]), "HostConfig.Tmpfs is a list; an object is wanted"),
        (host(Tmpfs={"run": ""}), "HostConfig.Tmpfs: the name 'run' is of another form; a path from the root"),
        (host(Dns="1.1.1.1"), "HostConfig.Dns is text; a list is wanted"),
        (host(ExtraHosts={"a": "b"}), "HostConfig.ExtraHosts is an object; a list is wanted"),
        (host(NetworkMode=["host"]), "HostConfig.NetworkMode is a list; text is wanted"),
        (host(Privileged="yes"), "HostConfig.Privileged is text; true or false is wanted"),
        (host(ConsoleSize=[1]), "HostConfig.ConsoleSize is a list; a list of 2 is wanted"),
        (host(Gpus="all"), "HostConfig.Gpus is nothing that Docker knows"),
        ({"Cmd": "run"}, "Cmd is text; a list is wanted"),
        ({"Entrypoint": "run"}, "Entrypoint is text; a list is wanted"),
        ({"User": 1000}, "User is a number; text is wanted"),
        ({"Labels": ["a=b"]}, "Labels is a list; an object is wanted"),
        ({"ExposedPorts": ["80/tcp"]}, "ExposedPorts is a list; an object is wanted"),
        ({"ExposedPorts": {"80/tcp": True}}, "ExposedPorts.80/tcp is a boolean; an object is wanted"),
        ({"Healthcheck": {"Test": "curl"}}, "Healthcheck.Test is text; a list is wanted"),
        ({"Healthcheck": {"Interval": "30s"}}, "Healthcheck.Interval is text; a whole number is wanted"),
        ({"StopTimeout": "5"}, "StopTimeout is text; a whole number is wanted"),
        ({"NetworkingConfig": {"EndpointsConfig": []}}, "NetworkingConfig.EndpointsConfig is a list; an object is"),
        (
            {"NetworkingConfig": {"EndpointsConfig": {"n": {"Aliases": "a"}}}},
            "EndpointsConfig.n.Aliases is text; a list",
        ),
        (
            {"NetworkingConfig": {"n": {}}},
            "NetworkingConfig.n is nothing that Docker knows, so it would do nothing; the",
        ),
        ({"Ports": []}, "Ports is nothing that Docker knows"),
    ],
)
def test_a_wrong_shape_is_refused_by_its_path(options: dict[str, Any], said: str) -> None:
    found = problems(options)
    assert len(found) == 1 and said in found[0], found
    assert "secret" not in found[0]
