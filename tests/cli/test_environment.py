from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.errors import Refused
from cli.stack import signing_in
from cli.stack.environment import stack_environment
from cli.stack.file import stack_config


def _standin(clone: Path) -> None:
    state = clone / ".local" / "standin"
    state.mkdir(parents=True)
    (state / "env").write_text("HTTPS_PROXY=http://127.0.0.1:5\nAZURE_CLIENT_SECRET=a=b\nSSL_CERT_FILE=/x/ca.pem\n")


def test_the_local_stack_reaches_the_standin_and_keeps_its_state_in_the_clone(clone: Path) -> None:
    _standin(clone)
    outside = {"PATH": "/bin", "https_proxy": "http://corp", "HTTPS_PROXY": "http://corp", "AZURE_CLIENT_ID": "mine"}
    found = stack_environment("local", clone, outside)
    assert found["HTTPS_PROXY"] == "http://127.0.0.1:5"
    assert found["AZURE_CLIENT_SECRET"] == "a=b"
    # lower case would also catch the program's gRPC to the engine
    assert found["https_proxy"] is None
    assert found["EDGEWAY_OUTSIDE_HTTPS_PROXY"] == "http://corp"
    assert found["PULUMI_BACKEND_URL"] == f"file://{clone}/.local/pulumi/state"
    assert found["PULUMI_HOME"] == f"{clone}/.local/pulumi/home"
    assert found["PATH"] == f"{clone}/.venv/bin:/bin"


def test_a_second_clone_may_share_a_file_backend_but_none_elsewhere(clone: Path) -> None:
    _standin(clone)
    shared = stack_environment("local", clone, {"PULUMI_BACKEND_URL": "file:///other/state"})
    assert shared["PULUMI_BACKEND_URL"] == "file:///other/state"
    cloud = stack_environment("local", clone, {"PULUMI_BACKEND_URL": "https://api.pulumi.com"})
    assert cloud["PULUMI_BACKEND_URL"] == f"file://{clone}/.local/pulumi/state"


def test_other_stacks_keep_the_users_own_environment(clone: Path) -> None:
    _standin(clone)
    found = stack_environment("dev", clone, {"PATH": "/bin", "HTTPS_PROXY": "http://corp"})
    assert not {"HTTPS_PROXY", "PULUMI_BACKEND_URL", "PULUMI_HOME", "AZURE_CLIENT_SECRET"} & found.keys()


A, B = "0aaaaaaa-0000-0000-0000-000000000000", "0bbbbbbb-0000-0000-0000-000000000000"
DEFAULT = {"ARM_USE_DEFAULT_AZURE_CREDENTIAL": "true"}


def signed_in(clone: Path, **outside: str) -> dict[str, str | None]:
    found = stack_environment("dev", clone, {"PATH": "/bin", **outside})
    return {name: value for name, value in found.items() if name.startswith(("ARM_", "AZURE_"))}


def az_profile(folder: Path) -> None:
    """As `az` writes it, with the byte order mark."""
    subscriptions = [{"id": B, "isDefault": False}, {"id": A, "isDefault": True}]
    folder.mkdir(parents=True)
    (folder / "azureProfile.json").write_text(json.dumps({"subscriptions": subscriptions}), encoding="utf-8-sig")


@pytest.mark.parametrize("variable", ["ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"])
def test_one_name_of_the_subscription_is_enough_and_azure_native_signs_in_as_all_others(
    clone: Path, variable: str
) -> None:
    assert signed_in(clone, **{variable: A}) == {"ARM_SUBSCRIPTION_ID": A, "AZURE_SUBSCRIPTION_ID": A, **DEFAULT}


@pytest.mark.parametrize(("variable", "folder"), [("AZURE_CONFIG_DIR", ""), ("HOME", ".azure")])
def test_without_either_it_is_the_one_that_az_has_chosen(clone: Path, variable: str, folder: str) -> None:
    az_profile(clone / "there" / folder)
    found = signed_in(clone, **{variable: str(clone / "there")})
    assert found == {"ARM_SUBSCRIPTION_ID": A, "AZURE_SUBSCRIPTION_ID": A, **DEFAULT}


@pytest.mark.parametrize("profile", ["", "[]", "{", '{"subscriptions": [1]}', '{"subscriptions": []}'])
def test_a_profile_that_names_none_says_nothing(clone: Path, profile: str) -> None:
    (clone / "azureProfile.json").write_text(profile)
    assert signed_in(clone, AZURE_CONFIG_DIR=str(clone)) == signed_in(clone, AZURE_CONFIG_DIR="/nowhere") == {}


def test_two_subscriptions_are_refused(clone: Path) -> None:
    with pytest.raises(Refused, match=f"ARM_SUBSCRIPTION_ID is {A}, AZURE_SUBSCRIPTION_ID is {B}; unset one"):
        signed_in(clone, ARM_SUBSCRIPTION_ID=A, AZURE_SUBSCRIPTION_ID=B)
    with pytest.raises(
        Refused, match=f"azure-native:subscriptionId of the stack file is {A}, ARM_SUBSCRIPTION_ID is {B}"
    ):
        signing_in.subscription_id({"azure-native:subscriptionId": A}, {"ARM_SUBSCRIPTION_ID": B})


@pytest.mark.parametrize(
    "way",
    [
        {"ARM_CLIENT_SECRET": "s"},
        {"ARM_CLIENT_CERTIFICATE_PATH": "f"},
        {"ARM_USE_OIDC": "true"},
        {"ARM_USE_MSI": "true"},
        {"ARM_USE_DEFAULT_AZURE_CREDENTIAL": "false"},
    ],
)
def test_azure_native_keeps_the_way_that_it_was_told(clone: Path, way: dict[str, str]) -> None:
    found = signed_in(clone, ARM_SUBSCRIPTION_ID=A, ARM_CLIENT_ID=B, **way)
    assert found == {"ARM_SUBSCRIPTION_ID": A, "AZURE_SUBSCRIPTION_ID": A}


@pytest.mark.parametrize(
    ("config", "variables", "client"),
    [
        ({}, {"ARM_CLIENT_ID": A}, None),
        ({}, {"ARM_CLIENT_ID": A, "ARM_USE_OIDC": "false"}, None),
        ({}, {"ARM_CLIENT_ID": A, "ARM_USE_OIDC": "true"}, A),
        ({}, {"ARM_CLIENT_ID": A, "ARM_CLIENT_SECRET": "s", **DEFAULT}, None),
        ({"azure-native:clientId": B, "azure-native:clientSecret": {"secure": "x"}}, {"ARM_CLIENT_ID": A}, B),
        ({}, {"ARM_USE_MSI": "true"}, None),
    ],
)
def test_the_application_of_azure_native_is_known_where_it_was_told_one(
    config: dict[str, object], variables: dict[str, str], client: str | None
) -> None:
    assert signing_in.client_of_its_own(config, variables) == client


def test_tools_that_were_built_come_first_on_the_path(clone: Path) -> None:
    (clone / ".local" / "tools").mkdir(parents=True)
    (clone / ".local" / "tools" / "env").write_text("EDGEWAY_PULUMI=/tools/pulumi\n")
    path = stack_environment("dev", clone, {"PATH": "/bin:/tools/pulumi"})["PATH"]
    assert path == f"{clone}/.venv/bin:/tools/pulumi:/bin"


def test_the_local_stack_without_its_standin_is_refused(clone: Path) -> None:
    with pytest.raises(Refused, match=r"the stand-in has not run yet .*`make up` starts it"):
        stack_environment("local", clone, {})


def test_an_unknown_stack_is_refused_with_those_that_are_there(clone: Path) -> None:
    with pytest.raises(Refused, match=r"stack 'prd': Pulumi.prd.yaml is missing; there are: dev, local"):
        stack_environment("prd", clone, {})
    with pytest.raises(Refused, match="letters, digits"):
        stack_config("../x", clone)


def test_a_stack_file_that_is_no_yaml_is_refused(clone: Path) -> None:
    (clone / "Pulumi.dev.yaml").write_text("config: [")
    with pytest.raises(Refused, match=r"Pulumi.dev.yaml is no YAML"):
        stack_config("dev", clone)


def test_a_stack_file_that_is_nested_without_measure_is_refused(clone: Path) -> None:
    (clone / "Pulumi.dev.yaml").write_text("config: " + "[" * 20_000)
    with pytest.raises(Refused, match=r"Pulumi.dev.yaml is nested too deep"):
        stack_config("dev", clone)


def test_a_stack_file_in_another_encoding_is_refused(clone: Path) -> None:
    (clone / "Pulumi.dev.yaml").write_bytes("config: {a: ü}".encode("latin-1"))
    with pytest.raises(Refused, match=r"Pulumi.dev.yaml is no YAML"):
        stack_config("dev", clone)
