"""The group of its own goes in every case: whatever Azure answers to the rest, and within a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cli.first_contact import scratch
from cli.first_contact.planned import NOBODY, Planned, PlannedResource
from cli.first_contact.scratch import Scratch
from cloud import arm
from cloud.arm import Answer, Arm
from cloud.operation import Waiting
from cloud.retrying import RetryLimits

GROUP = "/subscriptions/s/resourceGroups/rg-edgeway-first-abc123"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-first"
ONE = {"name": "kv-first", "type": "Microsoft.KeyVault/vaults", "id": VAULT}


def planned(*_: Any, **__: Any) -> Planned:
    body = {"location": "westeurope"}
    group = PlannedResource(type="resources:ResourceGroup", token="t", name="rg", inputs={}, id=GROUP, body=body)
    return Planned([group])


def made(monkeypatch: pytest.MonkeyPatch, answers: Mapping[tuple[str, str], Any]) -> tuple[Scratch, list[str]]:
    """By method and the end of the address; what is deleted."""
    deleted: list[str] = []

    def send(what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
        if method == "DELETE":
            deleted.append(url.rpartition("/")[2])
        for (asked, end), answer in answers.items():
            if asked == method and url.endswith(end):
                if isinstance(answer, Exception):
                    raise answer
                return answer if isinstance(answer, Answer) else Answer(200, {}, answer)
        return Answer(200, {}, {})

    monkeypatch.setattr(arm, "_send", send)
    limits = RetryLimits(transient_seconds=0.0, unauthorised_seconds=0.0)
    one = Scratch(Arm(Waiting(), limits), NOBODY, {}, planned, lambda text: None)
    one.ensure()
    return one, deleted


@pytest.mark.parametrize("listed", [None, [], {}, {"value": [{}]}, {"value": 7}, {"value": [ONE]}])
def test_whatever_is_answered_the_group_is_deleted(monkeypatch: pytest.MonkeyPatch, listed: Any) -> None:
    answers = {("GET", "/resources"): listed, ("DELETE", "/kv-first"): ValueError("strange")}
    one, deleted = made(monkeypatch, answers)
    left = one.purge()
    assert deleted[-1] == "rg-edgeway-first-abc123"
    assert listed in ({"value": [{}]},) or "az group delete -n rg-edgeway-first-abc123" in left[-1]


def test_a_delete_that_never_ends_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "_GROUP_MINUTES", 0.0)
    never = Answer(202, {"Location": "https://management.azure.com/operations/1"}, None)
    one, _ = made(
        monkeypatch,
        {("DELETE", "abc123"): never, ("GET", "/operations/1"): never, ("GET", "/resources"): {"value": []}},
    )
    assert one.purge()[0] == "the group: it is still being deleted after 0 minutes"
