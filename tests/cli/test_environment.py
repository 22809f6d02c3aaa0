from __future__ import annotations

from pathlib import Path

import pytest

from cli.errors import Refused
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


def test_a_stack_file_in_another_encoding_is_refused(clone: Path) -> None:
    (clone / "Pulumi.dev.yaml").write_bytes("config: {a: ü}".encode("latin-1"))
    with pytest.raises(Refused, match=r"Pulumi.dev.yaml is no YAML"):
        stack_config("dev", clone)
