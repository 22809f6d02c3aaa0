"""A rotation against a hub, a vault and a machine without a network: killed before and after each thing it does."""

from __future__ import annotations

import base64
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest

from cli.devices.rotation import rotate
from cli.errors import Failed
from cloud.errors import ServiceError
from cloud.iot_hub import DeviceKeys, fingerprint, fresh_key


class Killed(BaseException):
    pass


class World:
    """The places of one key. The device signs in with what its machine has, at each step, or the test fails."""

    def __init__(self) -> None:
        self.primary, self.secondary = fresh_key(), fresh_key()
        self.vault = self.machine = self.primary
        self.etag = 1
        self.steps_left: int | None = None
        self.after = False
        self.told: list[str] = []
        self.says: str | None = None
        self.changes: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def rotate(self) -> str:
        return rotate(self, self.told.append)

    def assert_works(self) -> None:
        assert self.machine in (self.primary, self.secondary), "the machine's key is no key of the device any more"
        assert self.vault in (self.primary, self.secondary), "the machine would fetch a key that the hub refuses"

    def _step(self, name: str, act: Callable[[], Any]) -> Any:
        """Something that is seen outside: the process may be killed before it, or after."""
        if self.steps_left is not None:
            self.steps_left -= 1
            if self.steps_left < 0 and not self.after:
                raise Killed
        done = act()
        self.changes.append(name)
        if self.steps_left is not None and self.steps_left < 0:
            raise Killed
        return done

    def keys(self) -> DeviceKeys:
        return DeviceKeys(device_id="vm-01", primary=self.primary, secondary=self.secondary, identity=self.etag)

    def change_keys(self, before: DeviceKeys, *, primary: str, secondary: str) -> None:
        def change() -> None:
            if before.identity != self.etag:
                raise ServiceError("keys", 412, "PreconditionFailed", "")
            assert self.machine in (primary, secondary), "both keys at once"
            self.primary, self.secondary, self.etag = primary, secondary, self.etag + 1

        self._step("hub", change)

    def kept(self) -> str:
        return self.vault

    def keep(self, key: str) -> None:
        def keep() -> None:
            self.vault = key

        self._step("vault", keep)
        self.meanwhile()

    def fetch(self) -> str:
        def fetch() -> str:
            if self.says is not None:
                return self.says
            self.machine = self.vault
            return f"edgeway: ok, key {fingerprint(self.machine)}"

        return str(self._step("machine", fetch))

    def wait_until_connected(self) -> None:
        self._step("connected", lambda: None)


@pytest.fixture
def world() -> World:
    return World()


def test_the_old_key_ends_and_the_device_works_all_the_while(world: World) -> None:
    old = world.primary
    shown = world.rotate()
    assert world.machine == world.vault == world.primary != old
    assert old != world.secondary
    assert shown == fingerprint(world.primary)
    assert world.changes == ["machine", "hub", "vault", "machine", "connected", "hub"]
    assert not any(key in " ".join(world.told) for key in (old, world.primary, world.secondary))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(6))
def test_killed_at_any_step_it_works_on_and_the_next_run_ends_it(world: World, step: int, after: bool) -> None:
    old = world.primary
    world.steps_left, world.after = step, after
    with pytest.raises(Killed):
        world.rotate()
    world.assert_works()
    world.machine = world.vault  # its timer may fetch at any time
    world.assert_works()
    world.steps_left = None
    world.rotate()
    assert world.machine == world.vault == world.primary
    assert old not in (world.primary, world.secondary)


def test_one_that_was_under_way_makes_no_third_key(world: World) -> None:
    world.steps_left, world.after = 2, True
    with pytest.raises(Killed):
        world.rotate()
    new = world.vault
    world.steps_left = None
    assert world.rotate() == fingerprint(new)
    assert world.told[-2] == f"a rotation to key {fingerprint(new)} was under way: it goes on"


@pytest.mark.parametrize("said", ["edgeway: failed, secret: 403", "", "edgeway: ok, key 00000000"])
def test_a_machine_that_takes_no_key_is_told_before_any_key_is_changed(world: World, said: str) -> None:
    before = world.keys()
    world.says = said
    with pytest.raises(Failed, match=f"it said: {said or 'nothing'}"):
        world.rotate()
    assert world.keys() == before
    assert world.vault == world.primary


def test_a_run_on_the_machine_that_had_looked_before_is_waited_for(world: World) -> None:
    fetched, late = world.fetch, [f"edgeway: ok, key {fingerprint(world.primary)}", "edgeway: ok, key 00000000"]
    world.fetch = lambda: late.pop(0) if late else fetched()  # type: ignore[method-assign]
    world.rotate()
    assert world.machine == world.vault == world.primary


def test_a_vault_with_none_of_the_devices_keys_is_put_right_first(world: World) -> None:
    world.vault = fresh_key()
    world.rotate()
    assert world.told[0] == "the vault had no key of the device: it gets the primary one first"
    assert world.machine == world.vault == world.primary


def test_of_two_at_once_one_gives_up_and_the_device_works(world: World) -> None:
    def another() -> None:
        world.meanwhile = lambda: None
        world.secondary, world.etag = fresh_key(), world.etag + 1

    world.meanwhile = another
    with pytest.raises(Failed, match="somebody else changed the device's keys"):
        world.rotate()
    world.assert_works()
    world.rotate()
    world.assert_works()


class Turns:
    """Whose step is next, of threads that each wait for theirs: it is drawn once all of them wait."""

    def __init__(self, seed: int, count: int) -> None:
        self._draw = random.Random(seed)
        self._free = threading.Condition()
        self._there, self._waiting = set(range(count)), set[int]()
        self._last = self._next = -1

    def wait(self, me: int) -> None:
        with self._free:
            self._waiting.add(me)
            self._pick()
            assert self._free.wait_for(lambda: self._next == me, timeout=20)
            self._last, self._next = me, -1
            self._waiting.discard(me)

    def ended(self, me: int) -> None:
        with self._free:
            self._there.discard(me)
            self._pick()

    def _pick(self) -> None:
        """Mostly the same one again: somebody else's whole rotation then fits between two steps."""
        if self._next == -1 and self._there and self._waiting == self._there:
            goes_on = self._last in self._waiting and self._draw.random() < 0.7
            self._next = self._last if goes_on else self._draw.choice(sorted(self._waiting))
            self._free.notify_all()


class OneOfTwo:
    """A world as one of two sees it, each of whose calls is a step."""

    def __init__(self, world: World, turns: Turns, me: int) -> None:
        self._world, self._turns, self._me = world, turns, me

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            self._turns.wait(self._me)
            return getattr(self._world, name)(*given, **named)

        return step


@pytest.mark.parametrize("vault", ["primary", "secondary", "none"])
def test_however_two_go_through_each_other_the_vault_and_the_machine_have_a_key_of_the_device(vault: str) -> None:
    for seed in range(300):
        world = LaxWorld()
        world.vault = fresh_key() if vault == "none" else getattr(world, vault)
        turns, ends = Turns(seed, 2), list[str]()

        def go(me: int, world: World = world, turns: Turns = turns, ends: list[str] = ends) -> None:
            try:
                rotate(OneOfTwo(world, turns, me), lambda line: None)
                ends.append("done")
            except (Failed, ServiceError) as error:
                ends.append(type(error).__name__)
            finally:
                turns.ended(me)

        both = [threading.Thread(target=go, args=(me,)) for me in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        assert len(ends) == 2, seed
        try:
            world.assert_works()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, {ends}: {error}") from error


class LaxWorld(World):
    """Where a key may end while the machine has it: two who rotate at once may do that, and have to put it right."""

    def change_keys(self, before: DeviceKeys, *, primary: str, secondary: str) -> None:
        if before.identity != self.etag:
            raise ServiceError("keys", 412, "PreconditionFailed", "")
        self.primary, self.secondary, self.etag = primary, secondary, self.etag + 1

    def fetch(self) -> str:
        self.machine = self.vault
        known = self.machine in (self.primary, self.secondary)
        return f"edgeway: ok, key {fingerprint(self.machine)}" if known else "edgeway: failed, apply"

    def wait_until_connected(self) -> None:
        if self.machine not in (self.primary, self.secondary):
            raise Failed("is not connected")


def test_a_fingerprint_is_of_the_keys_bytes_as_the_machine_prints_it() -> None:
    import hashlib

    key = base64.b64encode(b"k" * 32).decode()
    assert fingerprint(key) == hashlib.sha256(b"k" * 32).hexdigest()[:8]
