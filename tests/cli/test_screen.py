"""What a command prints of others' words stays text."""

from __future__ import annotations

from cli.screen import wrapped


def test_what_a_device_says_does_not_move_the_cursor() -> None:
    said = "edge-1  waits: scorer drops messages: \x1b[2J\x1b]0;owned\x07 \x9b31m\u202e"
    assert all(line.isprintable() for line in wrapped(said, 80))
