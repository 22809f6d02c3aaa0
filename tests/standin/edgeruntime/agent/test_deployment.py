"""`$edgeAgent`'s desired properties: what is read from them, and what is refused with which code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from standin.edgeruntime.agent.create_options import split_chunks
from standin.edgeruntime.agent.create_options.chunks import join_chunks
from standin.edgeruntime.agent.deployment import DeploymentError, read_deployment
from standin.edgeruntime.agent.module_body import container_body
from tests.standin.edgeruntime.agent.virtual_device import agent_desired, module


def changed(**changes: Any) -> dict[str, Any]:
    return agent_desired(m={**module(), **changes})


def test_a_module_is_read_with_its_defaults() -> None:
    read = read_deployment(
        agent_desired(m={"type": "docker", "status": "running", "settings": {"image": " a/b:1 "}})
    ).modules["m"]
    assert (read.image, read.status, read.restart_policy, read.pull_policy) == (
        "a/b:1",
        "running",
        "always",
        "on-create",
    )
    assert (read.startup_order, dict(read.env), read.create_options) == (4_294_967_295, {}, {})


def test_values_of_the_environment_become_text() -> None:
    env = {"a": {"value": "x"}, "b": {"value": 5}, "c": {"value": True}, "d": {"value": 1.5}}
    assert read_deployment(changed(env=env)).modules["m"].env == {"a": "x", "b": "5", "c": "true", "d": "1.5"}


def test_credentials_belong_to_the_registry_that_an_image_names() -> None:
    desired = agent_desired(m=module())
    desired["runtime"]["settings"]["registryCredentials"] = {
        "one": {"address": "127.0.0.1:20002", "username": "u", "password": "hidden"}
    }
    deployment = read_deployment(desired)
    found = deployment.credentials_for("127.0.0.1:20002/edgeway/anomaly@sha256:" + "0" * 64)
    assert found and (found.username, found.password) == ("u", "hidden")
    assert deployment.credentials_for("docker.io/edgeway/anomaly") is None
    assert "hidden" not in repr(deployment)


def options(value: Any) -> dict[str, Any]:
    return changed(settings={"image": "a", "createOptions": json.dumps(value)})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("null", {}),
        ("NULL", {}),
        (" ", {}),
        (None, {}),
        ({"User": "1"}, {"User": "1"}),
        ('{"hostconfig": {"memory": "5", "privileged": "true"}}', {"HostConfig": {"Memory": 5, "Privileged": True}}),
        (
            '{"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": 80}]}}}',
            {"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "80"}]}}},
        ),
        ('{"Mounts": "kept", "HostConfig": {"Own": [1]}}', {"Mounts": "kept", "HostConfig": {"Own": [1]}}),
    ],
)
def test_create_options_are_read_as_leniently_as_the_agent_reads_them(written: Any, read: dict[str, Any]) -> None:
    desired = changed(settings={"image": "a", "createOptions": written})
    assert read_deployment(desired).modules["m"].create_options == read


@pytest.mark.parametrize(
    ("desired", "code", "says"),
    [
        ({}, 417, "empty configuration"),
        ({"$version": 7}, 417, "empty configuration"),
        ({**agent_desired(), "schemaVersion": "2.0"}, 412, "schemaVersion '2.0'"),
        ({**agent_desired(), "runtime": {"type": "podman"}}, 400, "runtime.type is 'podman'"),
        ({**agent_desired(), "systemModules": {}}, 400, "systemModules.edgeAgent is missing"),
        (changed(type="vm"), 400, "modules.m.type is 'vm'"),
        (changed(status="paused"), 400, "modules.m.status is 'paused'; allowed: running, stopped"),
        (changed(restartPolicy="sometimes"), 400, "modules.m.restartPolicy"),
        (changed(imagePullPolicy="always"), 400, "modules.m.imagePullPolicy"),
        (changed(startupOrder=-1), 400, "modules.m.startupOrder"),
        (changed(settings={}), 400, "modules.m.settings.image is None"),
        (changed(settings={"image": "a/b:1@sha256:00"}), 400, "Image a/b:1@sha256:00 is not in the right format"),
        (changed(settings={"image": "https://a/b:1:2"}), 400, "is not in the right format"),
        (changed(settings={"image": "$upstream:443/b:1"}), 400, "is not in the right format"),
        (changed(settings={"image": "a", "createOptions": "{"}), 400, "createOptions is not JSON"),
        (
            changed(settings={"image": "a", "createOptions": "[]"}),
            400,
            "Error converting createOptions: it is a list; allowed: an object",
        ),
        (changed(status=None), 400, "modules.m.status is missing"),
        (options({"HostConfig": []}), 400, "createOptions.HostConfig: it is a list; allowed: an object"),
        (options({"HostConfig": {"PortBindings": []}}), 400, "createOptions.HostConfig.PortBindings: it is a list"),
        (
            options({"HostConfig": {"PortBindings": {"80/tcp": {}}}}),
            400,
            "PortBindings.80/tcp: it is an object; allowed",
        ),
        (
            options({"HostConfig": {"Binds": "/a:/b"}}),
            400,
            "createOptions.HostConfig.Binds: it is a text; allowed: a lis",
        ),
        (options({"Env": {"A": "hidden"}}), 400, "createOptions.Env: it is an object; allowed: a list"),
        (options({"Labels": [1]}), 400, "createOptions.Labels: it is a list; allowed: an object"),
        (
            options({"HostConfig": {"RestartPolicy": {"Name": "x"}}}),
            400,
            "RestartPolicy.Name: it is a text; allowed: one",
        ),
        (
            changed(settings={"image": "a", "createOptions": ["{}"]}),
            400,
            "createOptions: it is a list; allowed: an obj",
        ),
        (changed(env={"a": "plain"}), 400, "modules.m.env.a is not"),
        (agent_desired(**{"a b": module()}), 400, "the name 'a b'"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_with_the_agents_code(
    desired: dict[str, Any], code: int, says: str
) -> None:
    with pytest.raises(DeploymentError, match=says) as refused:
        read_deployment(desired)
    assert refused.value.code == code


def test_create_options_are_joined_from_their_pieces() -> None:
    options = {"HostConfig": {"Binds": ["/a:/b"] * 200}}
    pieces = split_chunks(options)
    assert len(pieces) > 3 and all(len(piece) <= 512 for piece in pieces.values())
    assert json.loads(join_chunks({"image": "a", **pieces})) == options
    assert join_chunks({"image": "a", "createoptions": "{}"}) == "{}"
    assert join_chunks({"image": "a"}) == ""


def test_a_missing_piece_is_named_as_the_agent_names_it() -> None:
    says = 'Error while parsing chunked field "createOptions", expected createOptions01 found createOptions02'
    with pytest.raises(ValueError, match=says):
        join_chunks({"createOptions": "{", "createOptions02": "}"})
    with pytest.raises(ValueError, match='expected empty field number but found "01"'):
        join_chunks({"createOptions01": "{}"})
    assert join_chunks({"CreateOptions": "{", "createoptions1": "}"}) == "{}"


def body(options: dict[str, Any]) -> dict[str, Any]:
    return container_body(
        options,
        image="a/b",
        env={"IOTEDGE_DEVICEID": "d"},
        labels={"edgeway.module": "m"},
        binds=["/w:/var/run/iotedge"],
        network="net",
        alias="m",
        address="127.64.0.9",
    )


def test_a_modules_own_options_are_kept_and_the_runtimes_added() -> None:
    made = body(
        {
            "Env": ["OWN=1"],
            "Labels": {"own": "1"},
            "Cmd": ["run"],
            "HostConfig": {"Binds": ["/data:/data"], "Memory": 1000, "Privileged": True},
        }
    )
    assert made["Env"] == ["OWN=1", "IOTEDGE_DEVICEID=d"]
    assert made["Labels"] == {"own": "1", "edgeway.module": "m"}
    assert made["Cmd"] == ["run"]
    host = made["HostConfig"]
    assert (host["Binds"], host["Memory"], host["Privileged"]) == (["/data:/data", "/w:/var/run/iotedge"], 1000, True)
    assert host["RestartPolicy"] == {"Name": "no"}
    assert made["NetworkingConfig"]["EndpointsConfig"] == {"net": {"Aliases": ["m"]}}


@pytest.mark.parametrize("host_address", ["127.0.0.1", "0.0.0.0", "192.0.2.1", ""])
def test_ports_appear_at_the_devices_own_loopback_address(host_address: str) -> None:
    """A device's 127.0.0.1 too: two devices on this machine have the same ports there."""
    bound = {"5001/tcp": [{"HostPort": "5001"}], "80/tcp": [{"HostIp": host_address, "HostPort": "80"}]}
    made = body({"HostConfig": {"PortBindings": bound}})
    assert made["HostConfig"]["PortBindings"] == {
        "5001/tcp": [{"HostPort": "5001", "HostIp": "127.64.0.9"}],
        "80/tcp": [{"HostIp": "127.64.0.9", "HostPort": "80"}],
    }
    assert made["ExposedPorts"] == {"5001/tcp": {}, "80/tcp": {}}


def test_a_network_of_the_modules_own_choice_stays() -> None:
    assert body({"HostConfig": {"NetworkMode": "host"}})["HostConfig"]["NetworkMode"] == "host"
