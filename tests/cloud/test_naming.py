"""Names within Azure's limits, the same every time, for the longest parts that the settings allow."""

from __future__ import annotations

import re

import pytest

from clone.model_names import model_problem
from cloud.naming import Names

SUBSCRIPTION = "00000000-0000-0000-0000-0000000000a1"
LIMITS = {
    "resource_group": (90, r"[\w()-]+"),
    "log_analytics": (63, r"[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]"),
    "application_insights": (255, r"[\w-]+"),
    "storage_account": (24, r"[a-z0-9]{3,}"),
    "key_vault": (24, r"[a-z](?!.*--)[a-z0-9-]+[a-z0-9]"),
    "container_registry": (50, r"[a-zA-Z0-9]{5,}"),
    "workspace": (33, r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,}"),
    "iot_hub": (50, r"[A-Za-z0-9-]{2,}[A-Za-z0-9]"),
}


def names(
    environment: str = "dev", stack: str = "dev", project: str = "edgeway", subscription: str = SUBSCRIPTION
) -> Names:
    return Names.derive(project=project, environment=environment, stack=stack, subscription_id=subscription)


@pytest.mark.parametrize("project", ["edgeway", "a-project-with-a-long-name-and-hyphens"])
@pytest.mark.parametrize("environment", ["de", "eightlet"])
@pytest.mark.parametrize("kind", LIMITS)
def test_a_name_keeps_azures_limit_and_characters(kind: str, environment: str, project: str) -> None:
    name = getattr(names(environment, project=project), kind)

    limit, pattern = LIMITS[kind]
    assert len(name) <= limit
    assert re.fullmatch(pattern, name)
    assert name.endswith(names(environment, project=project).suffix)
    assert environment in name


@pytest.mark.parametrize("model", ["an", "anomaly", "m" * 32, "cifar10_keras"])
def test_a_models_container_group_and_dns_label_keep_their_limits(model: str) -> None:
    for name in (names("eightlet").container_group(model), names("eightlet").dns_label(model)):
        assert len(name) <= 63
        assert re.fullmatch(r"[a-z](?!.*--)[a-z0-9-]+[a-z0-9]", name)
        assert model.replace("_", "-") in name


@pytest.mark.parametrize("environment", ["de", "eightlet"])
@pytest.mark.parametrize("model", ["an", "anomaly", "m" * 32, "cifar10_keras", "people_detection_of_the_north_1"])
def test_a_models_online_endpoint_has_32_characters_at_the_most(model: str, environment: str) -> None:
    name = names(environment).online_endpoint(model)

    assert 3 <= len(name) <= 32
    assert re.fullmatch(r"[a-z](?!.*--)[a-z0-9-]+[a-z0-9]", name)
    assert name.startswith(f"ep-{model.replace('_', '-')[:8]}") and name.endswith(
        f"{environment}-{names(environment).suffix}"
    )


def test_models_whose_long_names_begin_alike_have_endpoints_of_their_own() -> None:
    first, second = (names().online_endpoint(f"people_detection_of_the_{side}") for side in ("north", "south"))
    assert first != second


def test_names_read_as_kind_project_environment_and_suffix() -> None:
    assert re.fullmatch(r"rg-edgeway-dev-[0-9a-f]{6}", names().resource_group)
    assert re.fullmatch(r"stedgewaydev[0-9a-f]{6}", names().storage_account)
    assert re.fullmatch(r"ci-edgeway-anomaly-dev-[0-9a-f]{6}", names().container_group("anomaly"))
    assert re.fullmatch(r"edgeway-anomaly-dev-[0-9a-f]{6}", names().dns_label("anomaly"))
    assert re.fullmatch(r"kv-edgew-eightlet-[0-9a-f]{6}", names("eightlet").key_vault)


def test_destroy_and_up_meet_the_same_names() -> None:
    assert names() == names()


def test_another_subscription_stack_or_environment_has_other_names() -> None:
    others = [names(subscription=SUBSCRIPTION.replace("a1", "a2")), names(stack="ada"), names(environment="test")]

    assert len({one.suffix for one in [names(), *others]}) == 4


def test_the_case_of_the_subscription_id_does_not_matter() -> None:
    assert names(subscription=SUBSCRIPTION.upper()) == names()


def test_a_group_that_somebody_else_made_keeps_its_name_and_tells_environments_apart() -> None:
    def within(group: str | None) -> Names:
        return Names.derive(
            project="edgeway", environment="dev", stack="dev", subscription_id=SUBSCRIPTION, existing_group=group
        )

    assert within("rg-Theirs").resource_group == "rg-Theirs"
    assert within("rg-Theirs").key_vault == within("rg-theirs").key_vault
    assert len({within(group).key_vault for group in (None, "rg-theirs", "rg-other")}) == 3


@pytest.mark.parametrize(("model", "fits"), [("a_b", True), ("pump2", True), ("a__b", False), ("a_", False)])
def test_a_model_whose_container_group_azure_would_refuse_is_told(model: str, fits: bool) -> None:
    """https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcontainerinstance"""
    group = names().container_group(model)
    assert bool(re.fullmatch(r"(?!.*--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", group)) is fits
    assert (model_problem(model) is None) is fits
