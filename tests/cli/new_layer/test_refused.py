"""Broken manifests are refused, by path, and none of their secrets is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.errors import Refused
from cli.new_layer.carried import carried
from cli.new_layer.fields import fields_of
from cli.new_layer.reading import MOST_BYTES, read_manifest
from cli.new_layer.wrappings import unwrap
from edge.manifest import AGENT, HUB
from tests.edge.drawn_deployments import DESIRED, good, layered, module

KEY = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U="
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
DEEP = "[" * 100_000 + "]" * 100_000


def refusal(file: Path) -> str:
    with pytest.raises(Refused) as refused:
        fields_of(carried(unwrap(read_manifest(file))))
    return str(refused.value)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"{", "is no JSON: line 1, column 2"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe\x00\x00", "is no text in UTF-8 or UTF-16"),
        (b"[]", "at the top is a list"),
        (b'"text"', "at the top is a str"),
        (DEEP.encode(), "nested too deep"),
        (b'{"a": {"b": 1, "b": 2}}', "a.b: the key stands twice"),
        (b'{"a": [NaN]}', "a[0]: NaN"),
        (b'{"a": 1e999}', "a: NaN, Infinity"),
        (b'{"a": "\\ud800"}', "a: the text holds half of a surrogate pair"),
        (b'{"a": ' + b"[" * 90 + b"]" * 90 + b"}", "nested too deep"),
        (b'{"a": ' + b"9" * 5000 + b"}", "more digits"),
        (b"{}", "the top: $edgeAgent is missing"),
        (b'{"content": {"deviceContent": {}}}', "content.deviceContent: a configuration of twins"),
        (b'{"modulesContent": []}', "modulesContent: an object is wanted"),
        (b'{"$edgeAgent": {}}', "$edgeHub is missing"),
    ],
)
def test_what_is_no_deployment_is_refused_with_where(data: bytes, told: str, tmp_path: Path) -> None:
    file = tmp_path / "deployment.json"
    file.write_bytes(data)

    assert told in refusal(file)


def test_a_folder_a_missing_file_and_an_endless_one_are_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    with large.open("wb") as stream:
        stream.truncate(100 * MOST_BYTES)

    assert "is a folder" in refusal(tmp_path)
    assert "cannot be read: No such file" in refusal(tmp_path / "none.json")
    assert "more than 1,048,576 bytes" in refusal(large)
    assert "more than 1,048,576 bytes" in refusal(Path("/dev/zero"))


def spoilt(change: Callable[[dict[str, Any]], object]) -> str:
    content = good()
    change(content)
    with pytest.raises(Refused) as refused:
        fields_of(carried(unwrap(content)))
    return str(refused.value)


def agent(content: dict[str, Any]) -> Any:
    return content[AGENT][DESIRED]


def meter(content: dict[str, Any]) -> Any:
    return agent(content)["modules"]["meter"]


def routes(content: dict[str, Any]) -> Any:
    return content[HUB][DESIRED]["routes"]


METER = f"{AGENT}.{DESIRED}.modules.meter"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: agent(c).update(schemaVersion="2.0"), f"{AGENT}.{DESIRED}.schemaVersion: '2.0' is refused"),
        (lambda c: c.pop(HUB), "$edgeHub is missing"),
        (lambda c: routes(c).update(up="FROM somewhere"), f"{HUB}.{DESIRED}.routes.up, column 6"),
        (lambda c: routes(c).update(up="FROM /messages/modules/x/* INTO $upstream"), "names the module 'x'"),
        (lambda c: meter(c).pop("settings"), f"{METER}: the key 'settings' is missing"),
        (lambda c: meter(c)["settings"].pop("image"), f"{METER}.settings: the key 'image' is missing"),
        (lambda c: meter(c)["settings"].update(image="meter"), "the image 'meter' has no tag"),
        (lambda c: meter(c)["settings"].update(image="plant/meter:latest"), "imagetools inspect plant/meter:latest`"),
        (lambda c: meter(c)["settings"].update(createOptions="{"), f"{METER}.settings: createOptions is not JSON"),
        (lambda c: meter(c)["settings"].update(createOptions02="{}"), "expected createOptions01, found"),
        (lambda c: meter(c)["settings"].update(createOptions='{"HostConfig": []}'), f"{METER}.settings: createOpt"),
        (lambda c: meter(c).update(restartPolicy="sometimes"), f"{METER}.restartPolicy: 'sometimes' is refused"),
        (lambda c: meter(c).update(type="wasm"), f"{METER}.type: 'wasm' is refused"),
        (lambda c: meter(c).update(settings=3), f"{METER}.settings: 3 is refused"),
        (lambda c: c["meter"].update({DESIRED: {"x": "y" * 5000}}), f"meter.{DESIRED}.x: the value is 5000 bytes"),
        (lambda c: c["meter"].update({DESIRED: {"a b": 1}}), "the key 'a b' is refused"),
        (lambda c: c["meter"].update({DESIRED: {"x": None}}), f"meter.{DESIRED}.x: null is refused"),
        (lambda c: agent(c).update(modules=[]), f"{AGENT}.{DESIRED}.modules: a list is refused"),
        (lambda c: c.update({AGENT: 5}), f"{AGENT}: 5 is refused"),
        (lambda c: meter(c)["settings"].update(image="${MODULES.meter}"), "settings.image (${MODULES.meter})"),
        (lambda c: meter(c)["settings"].update(image="https://joe:s3cretpw@x/y"), f"{METER}.settings.image: the image"),
    ],
)  # fmt: skip
def test_a_broken_deployment_is_refused_with_its_path(change: Callable[[dict[str, Any]], object], told: str) -> None:
    said = spoilt(change)

    assert told in said
    assert "s3cretpw" not in said


@pytest.mark.parametrize(
    "change",
    [
        lambda c: meter(c).update(env={"A B": {"value": KEY}, "DB_PASSWORD": {"value": KEY, "more": KEY}}),
        lambda c: meter(c).update(env={"DB_PASSWORD": KEY}),
        lambda c: meter(c).update(version=KEY),
        lambda c: meter(c).update(restartPolicy=KEY),
        lambda c: meter(c)["settings"].update(image=f"x/{KEY}"),
        lambda c: meter(c)["settings"].update(createOptions=json.dumps({"Env": [f"KEY={KEY}"], "Cmd": 5})),
        lambda c: meter(c)["settings"].update(createOptions=json.dumps({"Labels": {KEY: "x"}})),
        lambda c: meter(c)["settings"].update(createOptions='{"Env": ["KEY=' + KEY),
        lambda c: routes(c).update(up=f"FROM /messages/* WHERE a = '{KEY}' INTO $upstream"),
        lambda c: routes(c).update(up=f"FROM /messages/* WHERE a == '{KEY}' INTO $upstream"),
        lambda c: c["meter"].update({DESIRED: {"a b": KEY, KEY: 1}}),
        lambda c: c["meter"].update({DESIRED: KEY}),
        lambda c: meter(c)["settings"].update(image="${MODULES.meter}", createOptions={"Env": [f"A=${{B}}{KEY}"]}),
    ],
)
def test_no_refusal_tells_a_secret(change: Callable[[dict[str, Any]], object]) -> None:
    assert KEY not in spoilt(change)


def test_a_template_is_refused_with_all_of_its_placeholders() -> None:
    content = good()
    meter(content)["env"] = {"SITE": {"value": "$SITE_NAME"}}
    agent(content)["runtime"]["settings"]["registryCredentials"] = {
        "r": {"username": "$CONTAINER_REGISTRY_USERNAME", "password": "$CONTAINER_REGISTRY_PASSWORD", "address": "x.io"}
    }

    with pytest.raises(Refused, match=r"modulesContent\.\$edgeAgent.*env\.SITE\.value \(\$SITE_NAME\); give what"):
        unwrap({"$schema-template": "4.0.0", "modulesContent": content})

    del meter(content)["env"]
    made = carried(unwrap({"$schema-template": "4.0.0", "modulesContent": content}))
    assert f"{AGENT}.{DESIRED}.runtime.settings.registryCredentials.r" in [one.path for one in made.left]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "around", [lambda c: c, lambda c: {"modulesContent": c}, lambda c: {"content": {"modulesContent": c}}]
)
def test_every_wrapping_in_every_encoding_is_read(
    encoding: str, around: Callable[[dict[str, Any]], dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "deployment.json"
    file.write_text(
        json.dumps(around(layered({"meter": module(env={"Größe": {"value": "ü"}})}, {})), ensure_ascii=False), encoding
    )

    made = carried(unwrap(read_manifest(file)))

    assert made.modules["meter"]["env"] == {"Größe": {"value": "ü"}}


def test_a_secret_where_no_setting_can_be_is_refused() -> None:
    said = spoilt(lambda content: meter(content).update(version=JWT))

    assert f"{METER}.version: what looks like a secret stands where none can be kept" in said
    assert JWT not in said


def test_the_hubs_note_of_a_deployment_is_left() -> None:
    content = good()
    meter(content)["configuration"] = {"id": "plant-base"}

    made = carried(unwrap(content))

    assert f"{METER}.configuration" in [one.path for one in made.left]
    assert "configuration" not in made.modules["meter"]
