"""What an image is built on: by digest for a registry elsewhere, and never a look-alike (marked docker: a real engine,
and a registry's name that nobody has)."""

from __future__ import annotations

import io
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clone.build_context import build_context, context_digest
from clone.layout import Clone
from cloud.there import REGISTRY, Absence
from contracts.names import BASE_IMAGE
from infra.provider.services.base_image import base_image, require_digest
from infra.provider.services.docker_engine import engine
from infra.provider.types import image as image_module
from infra.provider.types.image import Image, ImageInputs
from pluginbase.resource import ProviderError
from tests.infra.provider.recorder import Recorder, checked

ELSEWHERE = "edgewaynobody.azurecr.io"
DOCKERFILE = "ARG BASE_IMAGE=python:3.11-slim-bookworm\nFROM ${BASE_IMAGE}\nCOPY images images\n"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    for folder in ("images/sensor", "contracts"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "images/sensor/unique.txt").write_text(uuid.uuid4().hex)
    _write_dockerfile(tmp_path, DOCKERFILE)
    return Clone(tmp_path)


def _write_dockerfile(root: Path, text: str) -> None:
    (root / "images/sensor/Dockerfile").write_text(text)


@pytest.fixture
def pushed_to(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nothing goes out to the registry elsewhere: which image would have, by repository."""
    gone: list[str] = []

    def note(ctx: Any, client: Any, repository: str, tag: str, auth: Any) -> str:
        gone.append(repository)
        return f"sha256:{'0' * 64}"

    monkeypatch.setattr(image_module, "push", note)
    return gone


def _make(clone: Clone, server: str, base: str) -> Recorder:
    """As `create` does once the registry has said that it lacks the image."""
    digest = context_digest(build_context(clone.root, "sensor", None))
    news = {"loginServer": server, "repository": "edgeway/sensor-base-test", "image": "sensor", "contextDigest": digest}
    inputs = ImageInputs.of(checked(Image(clone), {**news, "buildArgs": {"BASE_IMAGE": base}}))
    ctx = Recorder()
    Image(clone)._build_and_push(ctx, _Registry(), inputs, inputs.tag)  # type: ignore[arg-type]
    return ctx


class _Registry:
    absence = Absence(Recorder(), REGISTRY, "elsewhere.azurecr.io")

    def docker_auth(self) -> dict[str, str]:
        return {}


@pytest.fixture
def published(registry: str) -> Iterator[Any]:
    """`published(label)`: a base of one file as `name@sha256:...` in a registry, and not on this machine."""
    made: list[str] = []
    with engine() as client:

        def publish(*changes: str) -> str:
            name = f"{registry}/base-{uuid.uuid4().hex[:8]}"
            client.import_image_from_data(_tar(), repository=name, tag="1", changes=list(changes))
            *_, last = client.push(name, tag="1", stream=True, decode=True)
            client.remove_image(f"{name}:1")
            made.append(f"{name}@{last['aux']['Digest']}")
            return made[-1]

        yield publish
        for image in client.images(filters={"reference": "*/edgeway/sensor-base-test"}):
            client.remove_image(image["Id"], force=True)
        for base in made:
            if client.images(name=base.partition("@")[0]):
                client.remove_image(base)


def _tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        entry = tarfile.TarInfo("base.txt")
        content = uuid.uuid4().hex.encode()
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def test_a_base_without_a_digest_goes_to_a_registry_on_this_machine_only(clone: Clone) -> None:
    require_digest(BASE_IMAGE, "127.0.0.1:5000")
    with pytest.raises(ProviderError, match=rf"no digest, and {ELSEWHERE} is not .*imagetools inspect .*baseImage"):
        require_digest(BASE_IMAGE, ELSEWHERE)
    digest = context_digest(build_context(clone.root, "sensor", None))
    news = {"loginServer": ELSEWHERE, "repository": "edgeway/sensor", "image": "sensor", "contextDigest": digest}
    with pytest.raises(ProviderError, match="has no digest"):  # before the registry is asked
        Image(clone).create(Recorder(), checked(Image(clone), news))


@pytest.mark.docker
def test_a_look_alike_is_not_built_on_for_a_registry_elsewhere(
    clone: Clone, published: Any, pushed_to: list[str]
) -> None:
    look_alike = published("LABEL edgeway.image=base")
    with pytest.raises(ProviderError, match=rf"is a look-alike .* nothing built on it is pushed to {ELSEWHERE}"):
        _make(clone, ELSEWHERE, look_alike)
    assert pushed_to == []
    _make(clone, "127.0.0.1:1", look_alike)
    assert pushed_to == ["127.0.0.1:1/edgeway/sensor-base-test"]


@pytest.mark.docker
def test_what_was_built_on_a_stand_in_for_the_base_is_built_anew_for_a_registry_elsewhere(
    clone: Clone, published: Any, pushed_to: list[str]
) -> None:
    base = published()
    with engine() as client:
        client.inspect_image(BASE_IMAGE)  # type: ignore[no-untyped-call]
    here = _make(clone, "127.0.0.1:1", base)
    assert any(f"{BASE_IMAGE} stands in for it" in text for text in here.logs)

    elsewhere = _make(clone, ELSEWHERE, base)
    assert any(status.startswith("pulling") for status in elsewhere.statuses)
    assert any(status.startswith("building") for status in elsewhere.statuses)
    again = _make(clone, ELSEWHERE, base)
    assert not any(status.startswith(("pulling", "building")) for status in again.statuses)
    assert pushed_to[1:] == [f"{ELSEWHERE}/edgeway/sensor-base-test"] * 2


@pytest.mark.docker
def test_a_dockerfile_of_another_base_is_pushed_to_no_registry_elsewhere(
    clone: Clone, published: Any, pushed_to: list[str]
) -> None:
    _write_dockerfile(clone.root, f"FROM {BASE_IMAGE}\nCOPY images images\n")
    with pytest.raises(ProviderError, match=r"images/sensor/Dockerfile does not build on .* `ARG BASE_IMAGE` and"):
        _make(clone, ELSEWHERE, published())
    assert pushed_to == []


@pytest.mark.docker
def test_a_base_that_its_registry_does_not_have_is_named_with_where_to_find_one(registry: str) -> None:
    missing = f"{registry}/nobody@sha256:{'1' * 64}"
    with engine() as client, pytest.raises(ProviderError, match=r"nobody@sha256:1+ cannot be pulled .*imagetools"):
        base_image(Recorder(), client, missing, ELSEWHERE)
