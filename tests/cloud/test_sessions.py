"""What is kept for a process, and how it is let go."""

from __future__ import annotations

from cloud import sign_in
from cloud.sessions import forget_sessions, once_per_process


def test_a_session_is_made_once_for_each_argument_and_anew_after_all_are_forgotten() -> None:
    made: list[str] = []

    @once_per_process
    def client(host: str) -> str:
        made.append(host)
        return host

    assert [client("a"), client("b"), client("a")] == ["a", "b", "a"]
    assert made == ["a", "b"]

    forget_sessions()
    client("a")

    assert made == ["a", "b", "a"]


def test_the_sign_in_is_kept_until_it_is_forgotten() -> None:
    first = sign_in.credential()
    assert sign_in.credential() is first

    forget_sessions()

    assert sign_in.credential() is not first
    forget_sessions()
