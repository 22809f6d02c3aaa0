"""A second clone that has what this one has on disk, committed or not: what somebody adds is often not, yet."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


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
