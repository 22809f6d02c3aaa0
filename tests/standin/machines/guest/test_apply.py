"""`iotedge config apply`: who may, what it wants of files, and what it leaves behind."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from standin.machines.guest import apply
from standin.machines.guest.super_config import ConfigError
from tests.standin.machines.guest.fake_place import FakePlace
from tests.standin.machines.guest.test_super_config import OURS

CONFIG = 'hostname = "edge-01"\n' + OURS.replace("/k", "/var/secrets/aziot/keyd/device-id")
KEY = apply.INLINE_KEY


@pytest.fixture
def place(tmp_path: Path) -> FakePlace:
    made = FakePlace(tmp_path)
    made.lay(apply.CONFIG, CONFIG)
    made.lay(KEY, b"k" * 32, "aziotks")
    return made


def test_each_daemon_gets_a_file_that_is_its_own(place: FakePlace) -> None:
    apply.apply(place)
    owners = {"keyd": "aziotks", "certd": "aziotcs", "identityd": "aziotid", "tpmd": "aziottpm", "edged": "iotedge"}
    for daemon, user in owners.items():
        name = f"/etc/aziot/{daemon}/config.d/00-super.toml"
        assert place.owners[name] == (user, 0o600)
        tomllib.loads(place.path(name).read_text())
    keyd = tomllib.loads(place.path("/etc/aziot/keyd/config.d/00-super.toml").read_text())
    assert keyd["preloaded_keys"]["device-id"] == f"file://{KEY}"
    edged = tomllib.loads(place.path("/etc/aziot/edged/config.d/00-super.toml").read_text())
    assert (edged["hostname"], edged["agent"]["config"]["image"]) == ("edge-01", "a:1")


def test_daemons_are_stopped_then_sockets_and_the_first_of_them_started(place: FakePlace) -> None:
    apply.apply(place)
    verbs = [call[0] for call in place.called]
    assert verbs == ["stop"] * 5 + ["start"] * 7
    assert place.called[-1] == ("start", "aziot-edged.service")


def test_a_daemon_that_does_not_start_is_said_and_no_failure(
    place: FakePlace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "systemctl", lambda *arguments: (1, "boom"))
    apply.apply(place)
    assert "Starting aziot-edged.service...\nboom" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "user", "mode", "words"),
    [
        (apply.CONFIG, "iotedge", 0o600, "config.toml belongs to iotedge with mode 0600; root and 0600 are wanted"),
        (apply.CONFIG, "root", 0o644, "config.toml belongs to root with mode 0644"),
        (KEY, "aziotcs", 0o600, "device-id belongs to aziotcs with mode 0600; aziotks and 0600 are wanted"),
        (KEY, "aziotks", 0o640, "device-id belongs to aziotks with mode 0640"),
    ],
)
def test_files_of_another_owner_or_mode_are_refused(
    place: FakePlace, name: str, user: str, mode: int, words: str
) -> None:
    place.give(name, user, mode)
    with pytest.raises(ConfigError, match=words):
        apply.apply(place)


def test_no_key_an_empty_one_and_no_users_are_refused(place: FakePlace) -> None:
    place.lay(KEY, b"", "aziotks")
    with pytest.raises(ConfigError, match="key file is empty"):
        apply.apply(place)
    place.path(KEY).unlink()
    with pytest.raises(ConfigError, match=r"could not read key file .*device-id: No such file"):
        apply.apply(place)
    place.users.discard("aziotid")
    with pytest.raises(ConfigError, match="could not query aziotid user information"):
        apply.apply(place)
    place.root_asks = False
    with pytest.raises(ConfigError, match="must be run as root"):
        apply.apply(place)


def test_a_second_time_needs_the_container_engine(place: FakePlace) -> None:
    apply.apply(place)
    with pytest.raises(ConfigError, match=r"Failed to list containers: .*docker.sock does not answer"):
        apply.apply(place)
    place.sockets[apply.DOCKER] = lambda method, path, body: [{"Names": ["/sensor"]}]
    apply.apply(place)


def test_another_hostname_is_refused_while_there_are_modules(place: FakePlace) -> None:
    apply.apply(place)
    modules = [{"Names": ["/sensor"]}]
    place.sockets[apply.DOCKER] = lambda method, path, body: modules
    place.lay(apply.CONFIG, CONFIG.replace("edge-01", "edge-02"))
    with pytest.raises(ConfigError, match="hostname in the config edge-01 is different"):
        apply.apply(place)
    modules.clear()
    apply.apply(place)


def test_an_inline_key_is_written_as_its_bytes_for_the_keys_daemon_alone(place: FakePlace) -> None:
    place.path(KEY).unlink()
    uri = '{ uri = "file:///var/secrets/aziot/keyd/device-id" }'
    assert uri in CONFIG
    place.lay(apply.CONFIG, CONFIG.replace(uri, '{ value = "a2V5" }'))
    apply.apply(place)
    assert place.path(KEY).read_bytes() == b"key"
    assert (place.owners[KEY], place.owners[apply.KEY_FOLDER]) == (("aziotks", 0o600), ("aziotks", 0o700))
