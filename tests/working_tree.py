"""A second clone that has what this one has on disk, committed or not: what somebody adds is often not, yet."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.guests import is_guest


def copy_of_the_tree(root: Path, place: Path) -> Path:
    subprocess.run(["git", "clone", "-q", str(root), str(place)], check=True, capture_output=True)
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (root / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, place / name)
        else:
            (place / name).unlink(missing_ok=True)
    return place


def not_the_projects(folder: str, names: list[str]) -> list[str]:
    """What `shutil.copytree` leaves out: who has followed a page has the model of its name already."""
    return [name for name in names if name == "__pycache__" or is_guest(Path(folder) / name)]
