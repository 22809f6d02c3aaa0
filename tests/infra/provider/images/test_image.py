"""Image: what is refused before Docker is asked, and (marked docker) a build and push against a plain registry."""

from __future__ import annotations

import io
import tarfile
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast
from unittest.mock import MagicMock

import pytest

from clone.build_context import build_context, context_digest
from clone.layout import Clone
from cloud.errors import Kind, ServiceError
from contracts.names import BASE_IMAGE, LABEL_IMAGE
from infra.provider.services.container_registry import ContainerRegistry, scheme
from infra.provider.services.docker_engine import build, engine, packed
from infra.provider.types.image import LABEL_CONTENT, Image, ImageInputs
from pluginbase.resource import Cancelled, Gone, ProviderError
from pluginbase.values import UNKNOWN
from tests.infra.provider.recorder import Recorder, checked, refused
from tests.waiting import DEADLINE_S

DOCKERFILE = "ARG BASE_IMAGE=python:3.11-slim-bookworm\nFROM ${BASE_IMAGE}\nCOPY images images\n"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone whose sensor image is one layer over the base; its content is this test's own."""
    for folder in ("images/sensor", "contracts"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "images" / "sensor" / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "images" / "sensor" / "unique.txt").write_text(uuid.uuid4().hex)
    return Clone(tmp_path)


def _news(clone: Clone, server: str = "127.0.0.1:1", **more: Any) -> dict[str, Any]:
    digest = context_digest(build_context(clone.root, "sensor", None))
    return {"loginServer": server, "repository": "edgeway/sensor", "image": "sensor", "contextDigest": digest, **more}


def test_bad_inputs_are_refused_by_name(clone: Clone) -> None:
    news = _news(
        clone, image="nope", repository="Edgeway", contextDigest="x", buildArgs={"FOO": "1"}, loginServer="a b"
    )
    paths = {failure.path for failure in refused(Image(clone), news)}
    assert paths == {"image", "repository", "contextDigest", "buildArgs.FOO", "loginServer"}


def test_the_tag_is_the_digest_of_what_goes_in() -> None:
    inputs = {"image": "sensor", "contextDigest": "1" * 64, "loginServer": "a", "repository": "r"}
    digests = [
        ImageInputs.of({**inputs, **more}).content_digest
        for more in ({}, {"loginServer": "b"}, {"artifactDigest": "2" * 64}, {"buildArgs": {"BASE_IMAGE": "x"}})
    ]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_equal_files_make_an_equal_tar(tmp_path: Path) -> None:
    tars = []
    for name in ("one", "two"):
        file = tmp_path / name
        file.write_text("content")
        with packed({"a/b.txt": file}) as tar:
            tars.append(tar.read())
    assert tars[0] == tars[1]
    with tarfile.open(fileobj=io.BytesIO(tars[0])) as tar:
        (entry,) = tar.getmembers()
    assert (entry.name, entry.mtime, entry.uid, entry.mode) == ("a/b.txt", 0, 0, 0o644)


@pytest.mark.parametrize(
    ("server", "wanted"),
    [("127.0.0.1:5000", "http"), ("127.3.2.1", "http"), ("10.0.0.1:5000", "https"), ("x.azurecr.io", "https")],
)
def test_only_loopback_registries_are_spoken_to_without_tls(server: str, wanted: str) -> None:
    assert scheme(server) == wanted


def test_an_absent_engine_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(ProviderError, match=r"the Docker engine at .* does not answer .*make init"), engine():
        pass


def test_megabytes_of_an_entry_scripts_packages_are_told_and_many_are_a_warning() -> None:
    class Engine:
        def build(self, **options: Any) -> Iterator[dict[str, Any]]:
            for megabytes in (86, 812):
                yield {"stream": f"edgeway: the entry script's own packages (serving.lock) add {megabytes} MB\n"}
            yield {"aux": {"ID": "sha256:1"}}

    ctx = Recorder()
    build(ctx, cast("Any", Engine()), io.BytesIO(), labels={}, arguments={})
    assert ctx.logs == [
        "the entry script's own packages (serving.lock) add 86 MB",
        "the entry script's own packages (serving.lock) add 812 MB: devices pull them too",
    ]
    assert ctx.severities == ["info", "warning"]


def test_engine_errors_are_told_apart() -> None:
    from infra.provider.services.docker_engine import _build_error, _transfer_error

    assert "no space left on the Docker engine's disk" in str(_build_error("write /x: no space left on device", [], {}))
    base = _build_error("pull access denied for x, repository does not exist", [], {"BASE_IMAGE": "x:1"})
    assert str(base).startswith("the base image x:1 is not on this machine and cannot be pulled")
    assert str(_build_error("returned a non-zero code: 1", ["no such package"], {})).endswith("no such package")
    refused_push = _transfer_error("r", "unauthorized: authentication required")
    assert isinstance(refused_push, ServiceError) and refused_push.kind is Kind.UNAUTHORISED
    cut = _transfer_error("r", "dial tcp 127.0.0.1:1: connect: connection refused")
    assert isinstance(cut, ServiceError) and cut.kind is Kind.TRANSIENT
    assert not isinstance(_transfer_error("r", "blob invalid"), ServiceError)


def _there_already(clone: Clone, registry: str) -> dict[str, Any]:
    """Inputs of an image that is in the registry: a manifest without content stands for it."""
    inputs = checked(Image(clone), _news(clone, registry))
    given = ImageInputs.of(inputs)
    ContainerRegistry(Recorder(), registry).annotate(given.repository, given.tag, {"this is": "the image"})
    return inputs


@pytest.mark.slow
def test_a_row_deletes_only_an_image_that_carries_its_mark(clone: Clone, registry: str) -> None:
    resource, inputs = Image(clone), _there_already(clone, registry)
    id, old_row = resource.create(Recorder(), inputs)
    _, new_row = resource.create(Recorder(), inputs)
    assert new_row["imageDigest"] == old_row["imageDigest"]
    resource.delete(Recorder(), id, inputs, old_row)
    assert resource.read(Recorder(), id, inputs, new_row) == (id, inputs, new_row)
    assert resource.diff(Recorder(), id, inputs, inputs, new_row) == []
    # the program goes back to the old row: it takes its own again, and the new one has nothing to delete
    ctx = Recorder()
    assert [change.text for change in resource.diff(ctx, id, inputs, inputs, old_row)] == ["mark"]
    assert "has another mark" in ctx.logs[0]
    assert resource.preview_update(Recorder(), id, inputs, inputs, old_row) == old_row
    assert resource.update(Recorder(), id, inputs, inputs, old_row) == old_row
    resource.delete(Recorder(), id, inputs, new_row)
    assert resource.diff(Recorder(), id, inputs, inputs, old_row) == []
    resource.delete(Recorder(), id, inputs, old_row)
    with pytest.raises(Gone):
        resource.read(Recorder(), id, inputs, old_row)
    given = ImageInputs.of(inputs)
    assert ContainerRegistry(Recorder(), registry).digest(given.repository, given.mark_tag) is None


@pytest.mark.slow
def test_a_row_of_older_code_is_left_as_it_is_and_deletes_what_nobody_marked(clone: Clone, registry: str) -> None:
    resource, inputs = Image(clone), _there_already(clone, registry)
    given, id = ImageInputs.of(inputs), f"{registry}/edgeway/sensor"
    digest = ContainerRegistry(Recorder(), registry).digest(given.repository, given.tag)
    row = {**inputs, "imageDigest": digest, "ref": f"{id}@{digest}"}
    assert resource.diff(Recorder(), id, inputs, inputs, row) == []
    _, taken = resource.create(Recorder(), inputs)
    resource.delete(Recorder(), id, inputs, row)
    assert resource.read(Recorder(), id, inputs, taken) == (id, inputs, taken)
    resource.delete(Recorder(), id, inputs, taken)
    inputs = _there_already(clone, registry)
    resource.delete(Recorder(), id, inputs, row)
    with pytest.raises(Gone):
        resource.read(Recorder(), id, inputs, row)


@pytest.mark.slow
def test_a_preview_knows_an_image_that_is_in_the_registry(clone: Clone, registry: str) -> None:
    """Of a model that served before nothing is built: places that have it already do not change."""
    resource, there = Image(clone), _there_already(clone, registry)
    _, row = resource.create(Recorder(), there)
    other = {**there, "contextDigest": "1" * 64}
    told = resource.preview_update(Recorder(), "x", other, there, {**row, **other, "ref": "another", "imageDigest": ""})
    assert (told["ref"], told["imageDigest"]) == (row["ref"], row["imageDigest"])
    assert "ref" not in resource.preview_update(Recorder(), "x", there, other, row)
    assert "ref" not in resource.preview_update(Recorder(), "x", there, {**there, "contextDigest": UNKNOWN}, row)


def test_a_registry_that_does_not_answer_hides_no_preview(clone: Clone) -> None:
    inputs = checked(Image(clone), _news(clone, "127.0.0.1:1"))
    assert Image(clone).diff(Recorder(), "x", inputs, inputs, {"mark": "m"}) == []
    told = Image(clone).preview_update(Recorder(), "x", inputs, {**inputs, "contextDigest": "1" * 64}, {"mark": "m"})
    assert "ref" not in told


@pytest.fixture
def cleaned() -> Iterator[None]:
    """Removes the images that a test built."""
    yield
    with engine() as client:
        for image in client.images(filters={"label": f"{LABEL_IMAGE}=sensor"}):
            if any("127.0.0.1" in tag and "edgeway/sensor-test" in tag for tag in image.get("RepoTags") or ()):
                client.remove_image(image["Id"], force=True)


@pytest.mark.docker
def test_an_image_is_built_once_pushed_and_known_by_its_digest(clone: Clone, registry: str, cleaned: None) -> None:
    resource = Image(clone)
    inputs = checked(resource, _news(clone, registry, repository="edgeway/sensor-test"))
    ctx = Recorder()
    id, outputs = resource.create(ctx, inputs)
    assert outputs["ref"] == f"{registry}/edgeway/sensor-test@{outputs['imageDigest']}"
    assert any(status.startswith("building") for status in ctx.statuses)
    again = Recorder()
    _, taken = resource.create(again, inputs)
    assert {**taken, "mark": outputs["mark"]} == outputs
    assert not any(status.startswith(("building", "pushing")) for status in again.statuses)
    assert resource.read(Recorder(), id, inputs, taken) == (id, inputs, taken)
    with engine() as client:
        (image,) = client.images(filters={"label": f"{LABEL_CONTENT}={ImageInputs.of(inputs).content_digest}"})
    assert image["Labels"][LABEL_IMAGE] == "sensor"

    resource.delete(Recorder(), id, inputs, taken)
    resource.delete(Recorder(), id, inputs, taken)
    with pytest.raises(Gone):
        resource.read(Recorder(), id, inputs, outputs)
    # gone from the registry, still on this machine: pushed, not built
    pushed = Recorder()
    resource.create(pushed, inputs)
    assert not any(status.startswith("building") for status in pushed.statuses)


def test_two_rows_of_one_content_build_it_once(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models of one environment, whose rows Pulumi makes side by side: what they need is gigabytes."""
    builds, pushes, second_waits = list[str](), list[str](), threading.Event()

    def build_slowly(*_: Any, **__: Any) -> str:
        assert second_waits.wait(DEADLINE_S)
        builds.append("image")
        return "image"

    class Waiting(Recorder):
        def wait(self, seconds: float) -> None:
            second_waits.set()
            super().wait(seconds)

    def pushed(ctx: Any, client: Any, repository: str, *_: Any) -> str:
        pushes.append(repository)
        return "sha256:1"

    for name, fake in {
        "engine": lambda: nullcontext(MagicMock()),
        "base_image": lambda *_: "base",
        "may_be_pushed": lambda *_: True,
        "images_with": lambda *_: list(builds),
        "build": build_slowly,
        "push": pushed,
        "ContainerRegistry": lambda *_: MagicMock(digest=lambda *_: None),
    }.items():
        monkeypatch.setattr(f"infra.provider.types.image.{name}", fake)
    rows = [checked(Image(clone), _news(clone, repository=f"edgeway/{name}")) for name in ("one", "other")]
    with ThreadPoolExecutor() as side_by_side:
        for done in [side_by_side.submit(Image(clone).create, Waiting(), row) for row in rows]:
            done.result(DEADLINE_S)

    assert builds == ["image"]
    assert sorted(pushes) == ["127.0.0.1:1/edgeway/one", "127.0.0.1:1/edgeway/other"]


@pytest.mark.docker
def test_a_ctrl_c_aborts_the_build(clone: Clone, registry: str) -> None:
    (clone.root / "images" / "sensor" / "Dockerfile").write_text(
        f"FROM {BASE_IMAGE}\nRUN echo {uuid.uuid4()}\nRUN sleep 60\n"
    )
    inputs = checked(Image(clone), _news(clone, registry))
    ctx = Recorder()
    ctx.cancelled.set()
    with pytest.raises(Cancelled):
        Image(clone).create(ctx, inputs)


@pytest.mark.docker
def test_a_missing_base_image_is_named(clone: Clone, registry: str) -> None:
    inputs = checked(Image(clone), _news(clone, registry, buildArgs={"BASE_IMAGE": "127.0.0.1:9/none:1"}))
    with pytest.raises(ProviderError, match=r"the base image 127\.0\.0\.1:9/none:1 is not on this machine"):
        Image(clone).create(Recorder(), inputs)


@pytest.mark.docker
def test_files_that_changed_while_up_ran_are_refused(clone: Clone, registry: str) -> None:
    inputs = checked(Image(clone), _news(clone, registry))
    (clone.root / "images" / "sensor" / "late.py").write_text("")
    with pytest.raises(ProviderError, match="changed while `up` ran"):
        Image(clone).create(Recorder(), inputs)
