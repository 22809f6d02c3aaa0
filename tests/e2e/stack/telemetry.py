"""What arrived at the hub, and what of the sensor's numbers is missing, repeated or out of order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Account:
    """Counts over the sensor's `sequenceNumber` of messages in order of arrival."""

    first: int
    last: int
    arrived: int
    lost: tuple[int, ...]
    repeated: int
    out_of_order: int

    def __str__(self) -> str:
        return (
            f"{self.first}..{self.last}: {self.arrived} arrived, {len(self.lost)} lost, "
            f"{self.repeated} repeated, {self.out_of_order} out of order"
        )


def one_life(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages of the sensor's last life: its numbers begin anew with each, and so does its batch id."""
    last = messages[-1]["properties"]["batchId"]
    return [message for message in messages if message["properties"]["batchId"] == last]


def numbers(messages: Iterable[dict[str, Any]]) -> list[int]:
    return [int(message["properties"]["sequenceNumber"]) for message in messages]


def account(sequence: Sequence[int]) -> Account:
    """Losses are gaps between the first and the last number; a repeat may come late without breaking the order."""
    seen: set[int] = set()
    repeated = out_of_order = 0
    highest = -1
    for number in sequence:
        if number in seen:
            repeated += 1
            continue
        if number < highest:
            out_of_order += 1
        seen.add(number)
        highest = max(highest, number)
    first, last = min(seen), max(seen)
    lost = tuple(number for number in range(first, last + 1) if number not in seen)
    return Account(
        first=first, last=last, arrived=len(sequence), lost=lost, repeated=repeated, out_of_order=out_of_order
    )
