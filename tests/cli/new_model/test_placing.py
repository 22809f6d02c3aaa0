"""What a command places stays whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.errors import Refused
from cli.new_model.placing import placing


def everything(root: Path) -> dict[str, str]:
    return {file.relative_to(root).as_posix(): file.read_text() for file in root.rglob("*") if file.is_file()}


@pytest.mark.parametrize("ended_by", [KeyboardInterrupt, Refused, OSError])
@pytest.mark.parametrize("after", ["inside", "folder", "file", "changed"])
def test_whatever_ends_it_everything_is_as_before(tmp_path: Path, ended_by: type[BaseException], after: str) -> None:
    (tmp_path / "stack.yaml").write_text("before")

    def end_after(point: str) -> None:
        if point == after:
            raise ended_by("now")

    with pytest.raises(ended_by), placing(tmp_path) as place:
        with place.folder("models/wine") as part:
            (part / "score.py").write_text("new")
            end_after("inside")
        end_after("folder")
        place.file("layer.py", "new")
        end_after("file")
        place.changed("stack.yaml", "after")
        end_after("changed")

    assert everything(tmp_path) == {"stack.yaml": "before"}
    assert list((tmp_path / "models").iterdir()) == []


def test_what_ends_well_stays(tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text("before")
    with placing(tmp_path) as place:
        with place.folder("models/wine") as part:
            (part / "score.py").write_text("new")
        place.changed("stack.yaml", "after")
    assert everything(tmp_path) == {"models/wine/score.py": "new", "stack.yaml": "after"}
    assert (tmp_path / "models" / "wine").stat().st_mode & 0o777 == 0o755


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "models" / "wine").mkdir(parents=True)
    (tmp_path / "layer.py").symlink_to("nowhere")
    with (
        pytest.raises(Refused, match="models/wine is there already"),
        placing(tmp_path) as place,
        place.folder("models/wine"),
    ):
        pass
    with pytest.raises(Refused, match=r"layer.py is there already"), placing(tmp_path) as place:
        place.file("layer.py", "new")
    assert (tmp_path / "layer.py").is_symlink()


def test_a_file_keeps_its_line_ends(tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_bytes(b"a: 1\r\n")
    with pytest.raises(KeyboardInterrupt), placing(tmp_path) as place:
        place.changed("stack.yaml", "a: 1\nb: 2\n")
        assert (tmp_path / "stack.yaml").read_bytes() == b"a: 1\r\nb: 2\r\n"
        raise KeyboardInterrupt
    assert (tmp_path / "stack.yaml").read_bytes() == b"a: 1\r\n"


def test_a_folder_that_holds_only_what_python_left_is_free(tmp_path: Path) -> None:
    """Git removes what it knows, and leaves what it ignores."""
    left = tmp_path / "models" / "wine" / "__pycache__"
    left.mkdir(parents=True)
    (left / "score.cpython-311.pyc").write_bytes(b"")
    with placing(tmp_path) as place, place.folder("models/wine") as part:
        (part / "score.py").write_text("new")
    assert everything(tmp_path) == {"models/wine/score.py": "new"}
