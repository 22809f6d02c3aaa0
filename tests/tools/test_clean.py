"""`make clean` removes what this clone made, and nothing that another clone or anybody else has."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from clone.root import ROOT

BASE = 24000
_DOCKER = """#!/usr/bin/env bash
echo "$*" >> "$DOCKER_ASKED"
case "$1 $2" in
  "image ls") cat "$DOCKER_IMAGES" ;;
  "image rm") case "$3" in *used*) exit 1 ;; esac ;;
  "ps -aq") echo c1 ;;
esac
"""
DECOYS = [
    f"127.0.0.1:{BASE + 22}/edgeway/anomaly:a",  # the next clone's
    f"127.0.0.1:{BASE + 3}/edgeway/anomaly:a",
    f"127.0.0.1:{BASE * 10 + 2}/edgeway/anomaly:a",
    f"mirror.example/127.0.0.1:{BASE + 2}/edgeway/anomaly:a",
    "edgeway/anomaly:mine",
    "edgeway-ffffff-edgehub:a",
    "edgeway-base:1",
    "python:3.11",
]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    root = tmp_path / "a clone"
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".local" / "standin").mkdir(parents=True)
    (root / ".local" / "standin" / "ports.json").write_text(json.dumps({"base": BASE, "proxy": BASE}))
    (root / ".artifacts").mkdir()
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(_DOCKER)
    docker.chmod(0o755)
    return root


def instance_of(clone: Path) -> str:
    return hashlib.sha256(str(clone / ".local" / "standin").encode()).hexdigest()[:12]


def clean(clone: Path, references: list[str]) -> tuple[list[str], str]:
    """What Docker was asked, and what was said."""
    asked, images = clone.parent / "asked", clone.parent / "images"
    images.write_text("".join(f"{one} {one.rpartition(':')[0]}@sha256:{'0' * 64}\n" for one in references))
    environment = {
        **os.environ,
        "PATH": f"{clone.parent / 'bin'}:{os.environ['PATH']}",
        "DOCKER_ASKED": str(asked),
        "DOCKER_IMAGES": str(images),
    }
    environment.pop("EDGEWAY_STANDIN_STATE", None)
    done = subprocess.run(
        [clone / "tools" / "clean.sh"], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return asked.read_text().splitlines(), done.stderr


def test_only_names_of_this_clone_are_taken_away(clone: Path) -> None:
    own = [
        f"127.0.0.1:{BASE + 2}/edgeway/anomaly:a",
        f"127.0.0.1:{BASE + 19}/edgeway/sensor:b",
        f"edgeway-{instance_of(clone)[:6]}-edgehub:c",
    ]
    asked, _ = clean(clone, [*DECOYS, *own])

    assert [line.removeprefix("image rm ") for line in asked if line.startswith("image rm")] == sorted(own)


def test_a_name_without_a_tag_goes_by_its_digest(clone: Path) -> None:
    asked, _ = clean(clone, [f"127.0.0.1:{BASE + 2}/edgeway/probe:<none>", "<none>:<none>"])

    digest = f"127.0.0.1:{BASE + 2}/edgeway/probe@sha256:{'0' * 64}"
    assert [line for line in asked if line.startswith("image rm")] == [f"image rm {digest}"]


def test_what_a_container_of_others_uses_is_kept_and_said(clone: Path) -> None:
    _, said = clean(clone, [f"127.0.0.1:{BASE + 2}/edgeway/used:a"])

    assert "kept, as containers of others use them: 1 of the names of images" in said


def test_containers_networks_and_volumes_go_by_the_label_of_this_clone_alone(clone: Path) -> None:
    asked, _ = clean(clone, [])

    filters = {line.partition("--filter ")[2] for line in asked if "--filter" in line}
    assert filters == {f"label=edgeway.standin={instance_of(clone)}"}
    assert not any("prune" in line or "-f" in line.split()[2:] for line in asked if line.startswith("image"))


def test_without_a_standin_that_ever_ran_no_image_is_touched_but_its_own_hub(clone: Path) -> None:
    (clone / ".local" / "standin" / "ports.json").unlink()
    asked, _ = clean(clone, DECOYS)

    assert not [line for line in asked if line.startswith("image rm")]
    assert not (clone / ".local").exists()
    assert not (clone / ".artifacts").exists()
