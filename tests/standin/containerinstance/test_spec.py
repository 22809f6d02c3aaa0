from __future__ import annotations

import copy
from typing import Any

import pytest

from standin.containerinstance.errors import InvalidGroup, NoAddressLeft, NotBuilt
from standin.containerinstance.spec import parse_group
from standin.containers.group.spec import Mount, Port
from tests.standin.containerinstance.groups import body, container


def changed(path: str, value: object) -> dict[str, Any]:
    """A good description with one thing put at a dotted path; numbers are places in lists."""
    whole: Any = copy.deepcopy(body(container()))
    at: Any = whole
    *above, last = path.split(".")
    for part in above:
        at = at[int(part)] if part.isdigit() else at.setdefault(part, {})
    at[last] = value
    return dict(whole)


def test_a_description_is_read_whole() -> None:
    described = body(
        container(
            environmentVariables=[{"name": "A", "value": "1"}, {"name": "B", "secureValue": {"sealed": "x"}}],
            volumeMounts=[{"name": "keys", "mountPath": "/keys", "readOnly": True}],
            ports=[{"port": 5001}],
            resources={"requests": {"cpu": 0.5, "memoryInGB": 1}, "limits": {"cpu": 2}},
        ),
        ports=(443,),
        volumes=[{"name": "keys", "secret": {}}],
        restartPolicy="OnFailure",
    )
    group = parse_group("web", described)
    (only,) = group.containers
    assert only.environment == {"A": "1", "B": None}
    assert only.mounts == (Mount(volume="keys", path="/keys", read_only=True),)
    assert (only.cpu, only.memory_gb, only.ports) == (2, 1, (Port(number=5001),))
    assert group.public_ports == (Port(number=443),)
    assert group.restart_policy == "OnFailure"
    assert group.volumes[0].secret


def test_restart_policy_and_label_scope_have_azures_defaults() -> None:
    group = parse_group("web", body(container()))
    assert (group.restart_policy, group.dns_scope) == ("Always", "Unsecure")


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("properties.osType", None, "properties.osType None is not one of Linux, Windows"),
        ("properties.restartPolicy", "Sometimes", "'Sometimes' is not one of Always, OnFailure, Never"),
        ("properties.containers", [], "1 to 60 containers are allowed, got 0"),
        ("properties.containers", {}, "properties.containers must be a list, got dict"),
        ("properties.containers.0.name", "Web", "container name 'Web'"),
        ("properties.containers.0.properties.image", "", "image is required"),
        ("properties.containers.0.properties.resources", {}, "resources.requests.cpu None is not between"),
        (
            "properties.containers.0.properties.volumeMounts",
            [{"name": "x", "mountPath": "/x"}],
            "mounts the volume 'x'",
        ),
        ("properties.containers.0.properties.ports", [{"port": 0}], "port 0 is not a port"),
        ("properties.containers.0.properties.environmentVariables", [{"name": "A=B"}], "'A=B' is not the name"),
        ("properties.ipAddress.ports", [], "1 to 5 are allowed, got 0"),
        ("properties.ipAddress.type", "Open", "'Open' is not one of Public, Private"),
        ("properties.ipAddress.dnsNameLabel", "a", "dnsNameLabel 'a' is invalid"),
        ("properties.volumes", [{"name": "v"}], "exactly one of secret, emptyDir"),
        ("properties.imageRegistryCredentials", [{"server": "x"}], "exactly one of identity, username"),
        ("properties.containers.0.properties.livenessProbe", {"periodSeconds": 1}, "exactly one of httpGet, exec"),
        (
            "properties.containers.0.properties.livenessProbe",
            {"httpGet": {"port": 80}, "periodSeconds": 0},
            "periodSeconds 0 is not a number of at least 1",
        ),
    ],
)
def test_a_bad_value_is_refused_with_its_path_and_what_is_allowed(path: str, value: object, says: str) -> None:
    with pytest.raises(InvalidGroup, match=says):
        parse_group("web", changed(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties.osType", "Windows"),
        ("properties.sku", "Confidential"),
        ("properties.initContainers", [{}]),
        ("properties.subnetIds", [{"id": "x"}]),
        ("properties.ipAddress.type", "Private"),
        ("properties.volumes", [{"name": "v", "azureFile": {"shareName": "x"}}]),
        ("properties.containers.0.properties.resources.requests.gpu", {"count": 1, "sku": "V100"}),
        ("properties.containers.0.properties.livenessProbe", {"httpGet": {"port": 443, "scheme": "https"}}),
    ],
)
def test_what_the_stand_in_lacks_is_refused_not_ignored(path: str, value: object) -> None:
    with pytest.raises(NotBuilt, match="is not supported by the stand-in"):
        parse_group("web", changed(path, value))


def test_a_container_name_is_there_once() -> None:
    with pytest.raises(InvalidGroup, match="the name 'web' is there twice"):
        parse_group("web", body(container(), container()))


def test_a_group_without_an_address_left_is_told_its_ports() -> None:
    refusal = NoAddressLeft([443, 80])
    assert "has the ports 80, 443 free" in refusal.message
    assert refusal.code == "ContainerGroupQuotaReached"
