"""Who holds a place, and who gives one up, without sockets."""

from __future__ import annotations

from dataclasses import dataclass, field

from images.scoring.http.limits import MAX_TURNED_AWAY, MAX_UNSENT_BYTES, MAX_UNSENT_CONNECTIONS, SLOW_SECONDS
from images.scoring.http.places import Places

NOW = 100.0
LONG_AGO = NOW - SLOW_SECONDS - 0.1


@dataclass(eq=False)
class Held:
    since: float | None = NOW
    half: bool = False
    body: bool = False
    gone: bool = field(default=False, init=False)

    def waiting_since(self) -> float | None:
        return self.since

    def is_half(self) -> bool:
        return self.half

    def awaits_body(self) -> bool:
        return self.body

    def give_up(self) -> None:
        self.gone = True


def places(*held: Held) -> Places:
    made = Places(len(held), lambda: NOW)
    assert all(made.take(one) for one in held)
    return made


def gone(*held: Held) -> list[bool]:
    return [one.gone for one in held]


def test_who_has_waited_long_makes_room_before_who_has_half_a_request() -> None:
    held = Held(since=None), Held(half=True), Held(since=LONG_AGO), Held(since=LONG_AGO)
    full = places(*held)
    assert full.take(Held())
    assert gone(*held) == [False, False, True, False]
    assert full.take(Held())
    assert full.take(Held())
    assert gone(*held) == [False, True, True, True]


def test_who_is_answered_or_was_just_now_stays() -> None:
    held = Held(since=None), Held()
    assert not places(*held).take(Held(half=True))
    assert gone(*held) == [False, False]


def test_a_thousand_that_wait_are_not_all_asked_for_each_that_comes() -> None:
    held = [Held(since=None) for _ in range(1000)]
    held.append(Held(since=LONG_AGO))
    full = places(*held)
    tries = 0
    while not full.take(Held(half=True)):
        tries += 1
        assert tries < 20  # those who were asked are asked last the next time
    assert tries > 1


def test_slow_bodies_are_ended_together() -> None:
    held = Held(since=LONG_AGO, body=True), Held(since=LONG_AGO), Held(body=True), Held(since=LONG_AGO, body=True)
    full = places(*held)
    assert full.end_slow_bodies()
    assert gone(*held) == [True, False, False, True]
    assert not full.end_slow_bodies()


def test_what_clients_do_not_take_is_bounded_in_number_and_in_bytes() -> None:
    held = [Held() for _ in range(MAX_UNSENT_CONNECTIONS + 1)]
    full = places(*held)
    for one in held:
        full.unsent(one, 1)
    assert gone(*held) == [True] + [False] * MAX_UNSENT_CONNECTIONS
    full.unsent(held[1], MAX_UNSENT_BYTES)  # its answer may be as long as the model makes it
    assert gone(*held) == [True, False] + [True] * (MAX_UNSENT_CONNECTIONS - 1)


def test_those_without_a_place_are_told_so_as_long_as_they_are_few() -> None:
    full = places(Held(since=None))
    away = [Held() for _ in range(MAX_TURNED_AWAY + 1)]
    assert [full.turn_away(one) for one in away] == [True] * MAX_TURNED_AWAY + [False]
    full.leave(away[0])
    assert full.turn_away(away[-1])
    assert len(full) == 1 + MAX_TURNED_AWAY
