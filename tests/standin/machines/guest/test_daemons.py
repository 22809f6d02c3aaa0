"""From the key in its file to a device that is on: aziot-keyd signs, -identityd asks the hub, -edged begins."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import pytest

from standin.machines.guest import apply, dockerd, edged, identityd, keyd
from standin.machines.guest.place import Unanswered
from tests.standin.machines.guest.fake_place import FakePlace
from tests.standin.machines.guest.test_apply import CONFIG

HUB, NOW, KEY = "hub.azure-devices.net", 1_000_000.0, b"k" * 32


@pytest.fixture
def place(tmp_path: Path) -> FakePlace:
    """Its daemons are wired as their sockets are."""
    made = FakePlace(tmp_path)
    made.lay(apply.CONFIG, CONFIG)
    made.lay(apply.INLINE_KEY, KEY, "aziotks")
    apply.apply(made)
    made.sockets = {
        keyd.SOCKET: answering(lambda method, path, body: keyd.answer(made, method, path, body)),
        identityd.SOCKET: answering(lambda method, path, body: identityd.answer(made, method, path, NOW)),
    }
    return made


def answering(answer: Callable[[str, str, Any], tuple[int, Any]]) -> Callable[[str, str, Any], Any]:
    def asked(method: str, path: str, body: Any) -> Any:
        status, found = answer(method, path, body)
        if status >= 300:
            raise Unanswered(f"answers {status}: {found['message']}")
        return found

    return asked


def test_the_token_is_signed_with_the_bytes_of_the_key_for_the_device_and_an_hour(place: FakePlace) -> None:
    shown: list[tuple[str, str, str]] = []
    place.hub = lambda *asked: shown.append(asked)
    token = identityd.provisioned(place, NOW)["token"]
    fields = {name: values[0] for name, values in parse_qs(token.removeprefix("SharedAccessSignature ")).items()}
    resource, expiry = token.partition("sr=")[2].partition("&")[0], int(NOW) + 3600
    wanted = base64.b64encode(hmac.new(KEY, f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()).decode()
    assert (unquote_plus(resource), fields["se"], fields["sig"]) == (f"{HUB}/devices/edge-01", str(expiry), wanted)
    assert shown == [(HUB, "/devices/edge-01/modules?api-version=2021-04-12", token)]


def test_the_daemon_hands_the_token_on_once_the_hub_took_it(place: FakePlace) -> None:
    said: list[tuple[str, str, Any]] = []
    place.host = lambda *asked: said.append(asked)
    edged.begin(place)
    assert [(method, path) for method, path, _ in said] == [("PUT", "/machine/device")]
    assert said[0][2]["device"] == "edge-01" and said[0][2]["token"].startswith("SharedAccessSignature ")


def test_a_hub_that_refuses_begins_nothing_and_is_said(place: FakePlace) -> None:
    def refusing(hub: str, path: str, token: str) -> Any:
        raise Unanswered(f"{hub} answers 401")

    place.hub = refusing
    place.host = lambda *asked: pytest.fail("the modules were begun")
    with pytest.raises(edged.Refused, match=r"could not provision with IoT Hub: .* answers 401 \(device 'edge-01'\)"):
        edged.begin(place)


def test_another_key_is_used_as_soon_as_it_lies_there(place: FakePlace) -> None:
    before = identityd.provisioned(place, NOW)["token"]
    place.lay(apply.INLINE_KEY, b"n" * 32, "aziotks")
    assert identityd.provisioned(place, NOW)["token"] != before


@pytest.mark.parametrize("broken", [b"", None], ids=["empty", "gone"])
def test_a_key_that_cannot_be_read_is_said_without_it(
    place: FakePlace, broken: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    place.path(apply.INLINE_KEY).unlink()
    if broken is not None:
        place.lay(apply.INLINE_KEY, broken, "aziotks")
    with pytest.raises(identityd.Refused, match="could not sign with the device's key"):
        identityd.provisioned(place, NOW)
    assert "aziot-keyd: " in capsys.readouterr().err


def test_a_machine_that_was_not_configured_says_so(tmp_path: Path) -> None:
    with pytest.raises(identityd.Refused, match="run `iotedge config apply`"):
        identityd.provisioned(FakePlace(tmp_path), NOW)


def test_the_engine_lists_the_devices_modules_and_refuses_the_rest(tmp_path: Path) -> None:
    place = FakePlace(tmp_path)
    module = {"name": "scorer", "status": "running", "description": "Up", "image": "i:1", "id": "abc"}
    place.host = lambda method, path, body: [module]
    status, found = dockerd.answer(place, "GET", "/v1.41/containers/json?all=true")
    assert status == 200 and found[0]["Names"] == ["/scorer"] and found[0]["State"] == "running"
    assert dockerd.answer(place, "GET", "/_ping") == (200, "OK")
    assert dockerd.answer(place, "POST", "/v1.41/containers/create")[0] == 501
