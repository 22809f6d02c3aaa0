"""The head of a stored message: one text beside its body, of one form for modules' inputs and another for the cloud.

The forms stay as they are: what an older hub left in its store is delivered by the one that replaces it.
"""

from __future__ import annotations

INPUT_PARTS = 7


def input_head(device: str, module: str, name: str, bag: str) -> str:
    """For the input `name` of a module; it is the MQTT topic that the module gets the message on."""
    return f"devices/{device}/modules/{module}/inputs/{name}/{bag}"


def read_input_head(head: str) -> tuple[str, str]:
    """(input, property bag). No part before the bag can hold a slash."""
    *_, name, bag = head.split("/", INPUT_PARTS - 1)
    return name, bag


def upstream_head(module: str, bag: str) -> str:
    return f"{module}\n{bag}"


def read_upstream_head(head: str) -> tuple[str, str]:
    """(sending module, property bag)."""
    module, _, bag = head.partition("\n")
    return module, bag
