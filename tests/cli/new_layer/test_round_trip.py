"""The layer that comes out of a manifest deploys what the manifest does, and is code as the project writes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.errors import Failed
from cli.new_layer.carried import Carried, carried
from cli.new_layer.fields import Fields, fields_of
from cli.new_layer.proof import prove
from cli.new_layer.source import source_of
from cli.new_layer.wrappings import unwrap
from edge.manifest import AGENT, HUB
from tests.edge.drawn_deployments import DESIRED, drawn, good, layered, module


def made_of(content: dict[str, Any]) -> tuple[str, Carried, Fields]:
    made = carried(unwrap(content))
    fields = fields_of(made)
    return source_of("deployment.json", fields), made, fields


@pytest.mark.parametrize("tens", range(20))
def test_any_manifest_comes_back(tens: int) -> None:
    for seed in range(tens * 10, tens * 10 + 10):
        text, made, fields = made_of(drawn(seed))

        assert len(made.modules) == len(fields.functions) > 0, seed
        prove(text, made, fields)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('"interval": 5', '"interval": 6'),
        ('"/80', '"/81'),
        ("/outputs/*", "/outputs/a"),
        ("meter:1.0.0", "meter:1.0.1"),
        ('"80/tcp": {}', ""),
    ],
)
def test_a_layer_that_deploys_anything_else_is_found(was: str, becomes: str) -> None:
    content = good()
    settings = content["$edgeAgent"][DESIRED]["modules"]["meter"]["settings"]
    settings["createOptions"] = '{"ExposedPorts": {"80/tcp": {}}, "WorkingDir": "/80"}'
    text, made, fields = made_of(content)
    prove(text, made, fields)
    assert was in text

    with pytest.raises(Failed, match="deploys something else"):
        prove(text.replace(was, becomes), made, fields)


def test_parts_of_properties_stay_parts(tmp_path: Path) -> None:
    content = layered({"meter": module()}, {})
    content["meter"] = {f"{DESIRED}.limits.low": {"a": 1}, f"{DESIRED}.mode": "x"}

    text, made, fields = made_of(content)

    prove(text, made, fields)
    assert 'desired_parts={"limits.low": {"a": 1}, "mode": "x"}' in text


def test_a_secret_deep_in_the_manifest_is_named_by_the_end_of_its_path() -> None:
    content = good()
    content["meter"] = {
        DESIRED: {"deviceToCloudUploadProperties" * 4: {"cloudStorageConnectionString": "AccountKey=b"}}
    }

    text, made, fields = made_of(content)

    prove(text, made, fields)
    (line,) = [one for one in text.splitlines() if "A secret: " in one]
    assert line.endswith('.cloudStorageConnectionString."""')
    assert len(line) <= 120


def test_a_manifest_without_modules_keeps_its_routes() -> None:
    text, made, fields = made_of(layered({}, {"leaf": "FROM /messages/* INTO $upstream"}))

    prove(text, made, fields)
    assert list(made.routes) == ["leaf"]


def test_a_secret_comes_back_by_its_setting_and_is_not_in_the_text() -> None:
    content = good()
    meter = content["$edgeAgent"][DESIRED]["modules"]["meter"]
    meter["env"] = {"DB_PASSWORD": {"value": "hunter2x"}, "PIN": {"value": 4711}}
    meter["settings"]["createOptions"] = '{"Env": ["API_KEY=abc{123"], "Cmd": ["--token", "tok-9"]}'
    content["meter"][DESIRED]["apiKey"] = "k-77"

    text, made, fields = made_of(content)

    prove(text, made, fields)
    assert [one.value for one in fields.secrets] == ["hunter2x", 4711, "abc{123", "tok-9", "k-77"] or {
        one.value for one in fields.secrets
    } == {"hunter2x", 4711, "abc{123", "tok-9", "k-77"}
    for secret in ("hunter2x", "4711", "abc{123", "tok-9", "k-77"):
        assert secret not in text


def test_what_is_written_is_formatted_linted_and_typed(tmp_path: Path) -> None:
    """As it comes, before ruff has put its hand to it."""
    for seed in range(12):
        (tmp_path / f"layer_{seed}.py").write_text(made_of(drawn(seed))[0], "utf-8")
    root = Path(__file__).resolve().parents[3]
    config = ["--config", str(root / "pyproject.toml")]

    for words in (["check", *config], ["format", "--check", *config]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("tag", "told"), [("1.5", ", here 1.5; an exact patch is wanted"), ("1.5.40", ", here 1.5.40")]
)
def test_a_runtime_of_an_exact_patch_is_not_asked_for_one(tag: str, told: str) -> None:
    content = good()
    image = f"mcr.microsoft.com/azureiotedge-hub:{tag}"
    system = {"edgeHub": {"type": "docker", "settings": {"image": image}}}
    content[AGENT][DESIRED] = {**content[AGENT][DESIRED], "systemModules": system}

    _, made, _ = made_of(content)

    (one,) = [left for left in made.left if left.path.endswith("image")]
    assert one.why == f"is edgeway:edgeRuntime in the stack's configuration{told}"


def test_the_hub_of_a_layer_keeps_what_it_stores_to_the_base() -> None:
    content = layered({"meter": module()}, {})
    content[HUB] = {f"{DESIRED}.storeAndForwardConfiguration": {"timeToLiveSecs": 60}}

    _, made, _ = made_of(content)

    assert [one.path for one in made.left] == ["$edgeHub.properties.desired.storeAndForwardConfiguration"]
