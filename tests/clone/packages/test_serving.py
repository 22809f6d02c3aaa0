"""The packages that an entry script brings: the lock is of its serving.in and of the scoring image's packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from clone.packages.serving import ServingPackagesError, check_packages, heading, models_with_packages


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("models/boiler", "models/plain", "images/scoring"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "images/scoring/requirements.lock").write_text("numpy==2.4.6\n")
    (tmp_path / "models/boiler/serving.in").write_text("pandas\n")
    (tmp_path / "models/boiler/serving.lock").write_text(f"{heading(tmp_path, 'boiler')}\npandas==3.0.0\n")
    return tmp_path


def test_a_lock_of_its_serving_in_is_fine_and_a_model_without_packages_has_none(root: Path) -> None:
    check_packages(root, "boiler")
    check_packages(root, "plain")
    assert models_with_packages(root) == ["boiler"]


@pytest.mark.parametrize("changed", ["models/boiler/serving.in", "images/scoring/requirements.lock"])
def test_a_lock_is_stale_once_what_it_was_made_of_changes(root: Path, changed: str) -> None:
    with (root / changed).open("a") as file:
        file.write("six\n")
    with pytest.raises(ServingPackagesError, match=r"models/boiler/serving\.lock was made of another .* `make lock`"):
        check_packages(root, "boiler")


def test_a_lock_or_a_serving_in_alone_is_refused(root: Path) -> None:
    (root / "models/boiler/serving.in").unlink()
    with pytest.raises(ServingPackagesError, match=r"serving\.lock is there without serving\.in: remove it"):
        check_packages(root, "boiler")
    (root / "models/boiler/serving.in").write_text("pandas\n")
    (root / "models/boiler/serving.lock").unlink()
    with pytest.raises(ServingPackagesError, match=r"serving\.lock is missing: `make lock` makes it"):
        check_packages(root, "boiler")
