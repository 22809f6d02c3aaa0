"""The environment of the scoring server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import images.scoring
from images.scoring.process.settings import Settings, SettingsError, read_settings


def test_an_empty_environment_gives_the_defaults_of_the_contract() -> None:
    settings = read_settings({})
    assert settings == Settings()
    assert (settings.port, settings.tls_port, settings.workers) == (5001, 443, 1)
    assert settings.secrets == Path("/var/run/edgeway/secrets")
    assert settings.max_body_bytes == 1024 * 1024
    assert not settings.on_device


def test_every_variable_is_read() -> None:
    settings = read_settings(
        {
            "SCORING_ARTIFACT": "/a",
            "SCORING_SECRETS": "/s",
            "SCORING_HOST": "127.0.0.1",
            "SCORING_PORT": "1",
            "SCORING_TLS_PORT": "2",
            "WORKERS": "3",
            "SCORING_ANSWER_FORM": "list",
            "SCORING_MAX_BODY_BYTES": "4",
            "SCORING_MAX_IN_FLIGHT": "5",
            "SCORING_MAX_CONNECTIONS": "6",
            "SCORING_TIMEOUT_MS": "7",
            "SCORING_REQUEST_TIMEOUT_MS": "8",
            "BATCH_MAX": "12",
            "BATCH_WAIT_MS": "13",
            "AML_CORS_ORIGINS": "https://one.example, https://two.example",
            "SCORING_KEEP_ALIVE_MS": "9",
            "SCORING_DRAIN_GRACE_MS": "10",
            "SCORING_DRAIN_DEADLINE_MS": "11",
            "IOTEDGE_DEVICEID": "edge-01",
        }
    )
    assert settings == Settings(
        artifact=Path("/a"),
        secrets=Path("/s"),
        host="127.0.0.1",
        port=1,
        tls_port=2,
        workers=3,
        answer_form="list",
        max_body_bytes=4,
        max_in_flight=5,
        max_connections=6,
        run_timeout_ms=7,
        request_timeout_ms=8,
        batch_max=12,
        batch_wait_ms=13,
        cors_origins=("https://one.example", "https://two.example"),
        keep_alive_ms=9,
        drain_grace_ms=10,
        drain_deadline_ms=11,
        on_device=True,
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("WORKERS", "0", "WORKERS is '0', allowed is a whole number from 1 to 64"),
        ("WORKERS", "two", "WORKERS is 'two'"),
        ("SCORING_PORT", "70000", "SCORING_PORT is '70000', allowed is a whole number from 0 to 65535"),
        ("SCORING_PORT", "²", "SCORING_PORT is '²'"),
        ("AML_CORS_ORIGINS", "a b", "AML_CORS_ORIGINS has 'a b', allowed are origins"),
        ("BATCH_MAX", "0", "BATCH_MAX is '0', allowed is a whole number from 1 to 4096"),
        ("SCORING_ANSWER_FORM", "xml", "SCORING_ANSWER_FORM is 'xml', allowed are object, list"),
    ],
)
def test_a_wrong_value_is_refused_naming_variable_and_what_is_allowed(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_settings({name: value})


def test_the_readme_lists_every_variable_and_no_other() -> None:
    folder = Path(images.scoring.__file__).parent
    names = r'"(SCORING_[A-Z_]+|WORKERS|BATCH_[A-Z_]+|AML_[A-Z_]+)"'
    read = set(re.findall(names, (folder / "process" / "settings.py").read_text()))
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", (folder / "README.md").read_text(), re.MULTILINE))
    assert read == listed
