from __future__ import annotations

from typing import Any

import pytest

from standin.containerinstance.changes import refuse_changes, same_containers
from standin.containerinstance.errors import InvalidContainerGroupUpdate
from standin.containerinstance.spec import parse_group
from tests.standin.containerinstance.groups import body, container

OLD = body(container(), volumes=[{"name": "keys", "secret": {"key": {"sealed": "aaaaaaaa"}}}])


def refuse(new: dict[str, Any]) -> None:
    refuse_changes(parse_group("web", OLD), parse_group("web", new), OLD["properties"], new["properties"])


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"restartPolicy": "Never"}, r'update the RestartPolicy \(old "Always", new "Never"\)'),
        ({"sku": "Dedicated"}, r'update the Sku \(old "Standard", new "Dedicated"\)'),
        ({"ports": (443,)}, r'update the Ports \(old "80/tcp", new "443/tcp"\)'),
        ({"ports": ()}, "update the IP address type"),
        ({"diagnostics": {"logAnalytics": {"workspaceId": "w"}}}, "update the Log analytics"),
        ({"volumes": []}, "update the Volumes"),
        ({"volumes": [{"name": "keys", "secret": {"key": {"sealed": "bbbbbbbb"}}}]}, "update the Volumes"),
    ],
)
def test_a_create_only_change_is_refused_with_both_values(more: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidContainerGroupUpdate, match=says):
        refuse(body(container(), **{"volumes": OLD["properties"]["volumes"], **more}))


def test_a_container_less_is_refused() -> None:
    old = body(container(), container("second"))
    with pytest.raises(InvalidContainerGroupUpdate, match="Containers"):
        refuse_changes(
            parse_group("web", old), parse_group("web", body(container())), old["properties"], body()["properties"]
        )


def test_image_command_environment_and_label_may_change() -> None:
    new = container(image="other:2", command=["x"], environmentVariables=[{"name": "A", "value": "1"}])
    refuse(body(new, address={"dnsNameLabel": "label"}, volumes=OLD["properties"]["volumes"]))


def test_tags_and_computed_values_change_nothing_that_runs() -> None:
    new = body(container(), volumes=OLD["properties"]["volumes"], tags={"a": "b"}, address={"ip": "127.1.1.1"})
    new["properties"]["provisioningState"] = "Updating"
    assert same_containers(OLD, new)
    assert not same_containers(OLD, body(container(image="other:2"), volumes=OLD["properties"]["volumes"]))
