"""A virtual environment for each server, from its pinned requirements, under `.local/bench/` (made once)."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local" / "bench"
REQUIREMENTS = Path(__file__).resolve().parent / "requirements"

# What the scoring image's Dockerfile removes after it installed the lock (a test compares).
PRUNED = ("onnxruntime/tools", "onnxruntime/quantization", "onnxruntime/transformers", "onnxruntime/datasets")
PRUNED_TESTS_OF = "numpy"
# There in every environment, whatever serves in it.
_NOT_COUNTED = ("pip", "setuptools", "pkg_resources", "_distutils_hack")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    name: str
    requirements: tuple[Path, ...]
    folder: Path
    options: tuple[str, ...] = ()
    pruned: bool = False

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return next((self.folder / "lib").glob("python3.*/site-packages"))

    def make(self) -> None:
        """Does nothing where it is there; the folder's name holds the hash of the requirements."""
        if (self.folder / "ready").is_file():
            return
        print(f"making the environment {self.name} ...", file=sys.stderr, flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        _run([sys.executable, "-m", "venv", str(self.folder)])
        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        files = [option for file in self.requirements for option in ("-r", str(file))]
        _run([*pip, *self.options, "--require-hashes", *files])
        if self.pruned:
            _prune(self.site_packages)
        (self.folder / "ready").touch()

    def site_packages_bytes(self) -> int:
        """As pip leaves it, with bytecode, but without pip itself."""
        return sum(
            file.lstat().st_size
            for file in self.site_packages.rglob("*")
            if file.is_file() and not file.relative_to(self.site_packages).parts[0].startswith(_NOT_COUNTED)
        )


def anchor(name: str) -> Environment:
    return anchor_of(REQUIREMENTS / f"{name}.txt")


def anchor_of(requirements: Path) -> Environment:
    name = requirements.stem
    return Environment(
        name=name, requirements=(requirements,), folder=LOCAL / "venvs" / f"{name}-{_short_hash(requirements)}"
    )


def scoring_image(*, azureml: bool = False) -> Environment:
    """What the image has, as its Dockerfile installs it; or as it does for scripts that need what `azureml` names."""
    locks = ("requirements.lock", "requirements-azureml.lock") if azureml else ("requirements.lock",)
    return _image(*(ROOT / "images" / "scoring" / lock for lock in locks))


def scoring_image_with(serving_lock: Path) -> Environment:
    """As the image is for a model whose entry script brings packages."""
    return _image(ROOT / "images" / "scoring" / "requirements.lock", serving_lock)


def _image(*requirements: Path) -> Environment:
    return Environment(
        name="scoring image",
        requirements=requirements,
        folder=LOCAL / "venvs" / f"scoring_image-{_short_hash(*requirements)}",
        options=("--no-deps", "--only-binary=:all:", "--no-binary=paho-mqtt"),
        pruned=True,
    )


def _short_hash(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _prune(site_packages: Path) -> None:
    for name in PRUNED:
        shutil.rmtree(site_packages / name, ignore_errors=True)
    for folder in sorted((site_packages / PRUNED_TESTS_OF).rglob("tests")):
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str]) -> None:
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
