"""A secret whose name is still taken by one that was deleted."""

from __future__ import annotations

from typing import Any

import pytest

from cloud.errors import ServiceError
from cloud.machines.key_vault import KeyVault
from tests.cloud.recorder import Recorder


class Azure:
    """A vault that has not ended a deletion yet, for so many calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, deleting: int) -> None:
        self._deleting, self._deleted = deleting, True
        self.calls: list[str] = []
        monkeypatch.setattr("cloud.machines.key_vault._send", self._send)

    def _send(self, what: str, method: str, url: str, body: Any) -> Any:
        self.calls.append(method)
        self._deleting -= 1
        if method == "PUT" and self._deleted:
            raise ServiceError(what, 409, "Conflict", "Secret s is currently being deleted.")
        if method == "POST" and self._deleting >= 0:
            raise ServiceError(what, 404, "SecretNotFound", "Deleted Secret not found: s")
        if method == "POST":
            self._deleted = False
        if method == "GET" and self._deleted:
            raise ServiceError(what, 404, "SecretNotFound", "A secret with (name/id) s was not found.")
        return {}


@pytest.mark.parametrize("deleting", [0, 5])
def test_one_that_is_still_being_deleted_is_recovered_once_it_can_be(
    monkeypatch: pytest.MonkeyPatch, deleting: int
) -> None:
    azure = Azure(monkeypatch, deleting)
    KeyVault(Recorder(), "kv-1").set_secret("s", "value", {})
    assert (azure.calls[0], azure.calls[-2:]) == ("PUT", ["GET", "PUT"])
