"""Every path of this repository that a page, a comment, a docstring or a message names is there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from clone.root import ROOT
from tools.guests import is_guest

LINK = re.compile(r"\]\(([^)#\s]+)")
FILE_NAME = re.compile(r"`([\w/-]+(?:\.[\w-]+)*\.(?:py|sh))`")
TEXT = {".py", ".md", ".sh", ".toml", ".yaml", ".yml", ".in", ""}


@cache
def tracked() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in listed if (ROOT / name).is_file()]


def read(suffixes: set[str]) -> Iterator[tuple[str, str]]:
    """What names paths as they are now: not the history in CHANGELOG.md, not the tests, which make some up; and what
    is the project's own: not the models of who uses it, nor the stack files, which name their data."""
    for name in tracked():
        ours = name != "CHANGELOG.md" and not name.startswith(("tests/", "Pulumi.")) and not is_guest(ROOT / name)
        if Path(name).suffix in suffixes and ours:
            yield name, (ROOT / name).read_text(encoding="utf-8")


PAGES = dict(read({".md"}))


@cache
def whole_path() -> re.Pattern[str]:
    """One that begins with a folder of the root; `models/<name>` and `{folder}/x` are patterns, and not meant."""
    folders = sorted({name.partition("/")[0] for name in tracked() if "/" in name})
    return re.compile(rf"(?<![\w./@:<>*{{}}~$-])(?:{'|'.join(map(re.escape, folders))})/[\w./<>*{{}}-]*")


def is_there(path: str) -> bool:
    """A decision may be named by its number alone: `docs/decisions/0003`. What git ignores is made when needed."""
    place = ROOT / path.rstrip("./")
    return place.exists() or any(place.parent.glob(f"{place.name}-*.md")) or is_ignored(place)


def is_ignored(place: Path) -> bool:
    return subprocess.run(["git", "check-ignore", "-q", str(place)], cwd=ROOT, check=False).returncode == 0


def missing(text: str) -> list[str]:
    return [path for path in whole_path().findall(text) if not re.search(r"[<>*{}]", path) and not is_there(path)]


def test_every_path_that_is_named_is_there() -> None:
    found = {name: paths for name, text in read(TEXT) if (paths := missing(text))}
    assert found == {}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    links = [link for link in LINK.findall(PAGES[page]) if "://" not in link]
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_without_its_folder_is_somewhere(page: str) -> None:
    names = FILE_NAME.findall(PAGES[page])
    ends = [f"/{name}" for name in tracked()]
    assert [name for name in names if not any(end.endswith(f"/{name}") for end in ends)] == []


def test_a_path_that_is_gone_is_seen() -> None:
    assert missing("see cli/gone.py, `cli/command.py` and docs/decisions/0003.") == ["cli/gone.py"]
    assert missing("models/<name>/train.py, images/{image}/Dockerfile") == []
