"""Where a stand-in answers when it is started again."""

from __future__ import annotations

from pathlib import Path

from standin.__main__ import _earlier_base


def test_it_answers_where_it_did_before(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text('{"base": 23456, "proxy": 23456}\n')
    assert _earlier_base(tmp_path) == 23456


def test_a_new_folder_or_a_spoilt_file_says_nothing(tmp_path: Path) -> None:
    assert _earlier_base(tmp_path) is None
    (tmp_path / "ports.json").write_text("{")
    assert _earlier_base(tmp_path) is None
