from __future__ import annotations

import pytest

from standin.containerinstance.names import LABEL, NAME, docker_name, host_name

PLACE = {"tenant": "t", "subscription": "s", "group": "rg", "unique": "u"}


@pytest.mark.parametrize("name", ["a", "ci-anomaly-dev-0a1b2c", "9lives", "a" * 63])
def test_names_that_azure_takes(name: str) -> None:
    assert NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["", "A", "a--b", "-a", "a-", "a_b", "a.b", "a" * 64, "a\n"])
def test_names_that_azure_refuses(name: str) -> None:
    assert not NAME.fullmatch(name)


@pytest.mark.parametrize("label", ["1abcd", "abcd", "abcd-", "Abcde", "a" * 64])
def test_labels_that_azure_refuses(label: str) -> None:
    assert not LABEL.fullmatch(label)


def test_an_unsecured_label_is_the_whole_name() -> None:
    assert host_name("label", "westeurope", "Unsecure", **PLACE) == "label.westeurope.azurecontainer.io"


def test_the_scope_says_within_what_a_label_keeps_its_name() -> None:
    def name(scope: str, **other: str) -> str:
        return host_name("label", "westeurope", scope, **{**PLACE, **other})

    assert name("ResourceGroupReuse") == name("ResourceGroupReuse", unique="x", group="RG")
    assert name("ResourceGroupReuse") != name("ResourceGroupReuse", group="other")
    assert name("SubscriptionReuse") == name("SubscriptionReuse", group="other")
    assert name("TenantReuse") == name("TenantReuse", subscription="other")
    assert name("Noreuse") != name("Noreuse", unique="other")


def test_groups_of_one_name_in_two_resource_groups_differ_in_docker() -> None:
    one, two = (docker_name("edgeway-abc123-", "web", f"/resourcegroups/{group}/web") for group in "ab")
    assert one != two
    assert one.startswith("edgeway-abc123-aci-web-")
