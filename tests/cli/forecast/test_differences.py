"""How a difference is said: short values whole, long ones not at all, an image by its name."""

from __future__ import annotations

import json

from cli.forecast.differences import differences


def said(old: str, new: str) -> list[str]:
    return [str(one) for one in differences({"createOptions": old}, {"createOptions": new})]


def test_options_of_a_container_are_not_taken_for_an_image() -> None:
    host = {"HostConfig": {"Memory": 536870912, "PortBindings": {"5001/tcp": [{"HostIp": "127.0.0.1"}]}}}
    old, new = (
        json.dumps({**host, "ExposedPorts": {f"{port}/tcp": {}}}, separators=(",", ":")) for port in (5001, 5443)
    )
    assert said(old, new) == ["createOptions changes"]
    assert said("mcr.example/azureiotedge-hub:1.6.1", "mcr.example/azureiotedge-hub:1.6.2") == [
        "createOptions azureiotedge-hub:1.6.1 -> azureiotedge-hub:1.6.2"
    ]
