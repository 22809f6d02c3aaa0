"""Whether a thing is there at all: ARM is believed at its second word, and only where it says something."""

from __future__ import annotations

from typing import Any

import pytest

from cloud.arm import Answer
from cloud.errors import Kind, ServiceError
from cloud.operation import Waiting
from cloud.there import HUB, REGISTRY, Absence, Sort, ThingGone

LISTS = {
    HUB: "https://management.azure.com/subscriptions/s/providers/Microsoft.Devices/IotHubs",
    REGISTRY: "https://management.azure.com/subscriptions/s/providers/Microsoft.ContainerRegistry/registries",
}
SILENT = ServiceError("device 'd' in H", 0, "", "Name or service not known")


class World:
    """ARM's list, as it is at the time of asking."""

    def __init__(self) -> None:
        self.listed: list[str] | ServiceError = []
        self.pages: dict[str, Any] = {}
        self.asked = 0
        self.now = 1000.0

    def send(self, what: str, method: str, url: str, parameters: Any, body: Any) -> Answer:
        assert (method, url) in [("GET", one) for one in LISTS.values()]
        self.asked += 1
        if isinstance(self.listed, ServiceError):
            raise self.listed
        if "page" in parameters:
            return Answer(200, {}, self.pages)
        named = [{"properties": {"hostName": host, "loginServer": host}} for host in self.listed]
        more = {"nextLink": f"{url}?page=2"} if self.pages else {}
        return Answer(200, {}, {"value": [*named, {"properties": None}], **more})


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr("cloud.arm._send", world.send)
    monkeypatch.setattr("cloud.there.time.monotonic", lambda: world.now)
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", "s")
    return world


@pytest.mark.parametrize("sort", LISTS)
def test_what_is_twice_not_listed_is_gone_and_named(world: World, sort: Sort) -> None:
    absence = Absence(Waiting(), sort, "gone.example")

    assert absence.of(SILENT) is None
    world.now += 1.0
    assert absence.of(SILENT) is None
    world.now += 1.5
    gone = absence.of(SILENT)
    assert isinstance(gone, ThingGone)
    assert gone.kind is Kind.MISSING
    assert f"there is no {sort.words} gone.example in the subscription s" in str(gone)
    assert world.asked == 2


def test_what_is_listed_late_is_there(world: World) -> None:
    """As a hub that was made a moment ago."""
    absence = Absence(Waiting(), HUB, "new.example")
    assert absence.of(SILENT) is None
    world.listed = ["New.Example"]
    world.now += 5.0
    assert absence.of(SILENT) is None
    world.listed = []
    world.now += 20.0
    assert absence.of(SILENT) is None, "one look that misses it is not two"


def test_what_is_listed_is_not_asked_for_at_each_try(world: World) -> None:
    world.listed = ["h.example"]
    absence = Absence(Waiting(), HUB, "h.example")
    for _ in range(10):
        assert absence.of(SILENT) is None
        world.now += 1.0
    assert world.asked == 1


def test_a_thing_on_the_next_page_is_there(world: World) -> None:
    world.pages = {"value": [{"properties": {"hostName": "h.example"}}]}
    absence = Absence(Waiting(), HUB, "h.example")
    for _ in range(3):
        assert absence.of(SILENT) is None
        world.now += 20.0


@pytest.mark.parametrize("status", [0, 401, 403, 404, 429, 500])
def test_where_arm_does_not_tell_nothing_is_gone(world: World, status: int) -> None:
    world.listed = ServiceError("GET", status, "", "no")
    absence = Absence(Waiting(), HUB, "h.example")
    for _ in range(5):
        assert absence.of(SILENT) is None
        world.now += 20.0


def test_who_is_throttled_or_knows_no_subscription_asks_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    absence = Absence(Waiting(), HUB, "h.example")
    assert absence.of(ServiceError("d", 429, "", "slow down")) is None
    monkeypatch.delenv("ARM_SUBSCRIPTION_ID")
    assert absence.of(SILENT) is None
    assert world.asked == 0
