"""The environment, read once at the start; a wrong value is refused naming the variable and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.limits import (
    IN_FLIGHT,
    MOST_ANSWER_MS,
    MOST_BATCH,
    MOST_BATCH_WAIT_MS,
    MOST_BODY_MB,
    MOST_WORKERS,
)
from contracts.names import SCORING_PORT, SCORING_TLS_PORT, SECRETS_FOLDER
from images.scoring.http.limits import Limits
from images.scoring.model.device import AUTO, DEVICES
from images.scoring.service.service import RunSettings

ANSWER_OBJECT = "object"
ANSWER_LIST = "list"
"""Azure ML's original form: a list that holds the answer as one JSON string."""

_MOST_BODY_BYTES = MOST_BODY_MB * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[3]


class SettingsError(ValueError):
    """An environment variable has a value that is not allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    artifact: Path = _ROOT / "artifact"
    secrets: Path = Path(SECRETS_FOLDER)
    host: str = "0.0.0.0"
    port: int = SCORING_PORT
    tls_port: int = SCORING_TLS_PORT
    workers: int = 1
    answer_form: str = ANSWER_OBJECT
    max_body_bytes: int = 1024 * 1024
    max_in_flight: int = IN_FLIGHT
    max_connections: int = 1000
    run_timeout_ms: int = 60_000
    batch_max: int = 1
    batch_wait_ms: int = 0
    cors_origins: tuple[str, ...] = ()
    request_timeout_ms: int = 10_000
    """From a request's first byte to its last, so that a slow sender cannot hold a connection for ever."""
    keep_alive_ms: int = 60_000
    drain_grace_ms: int = 250
    """After SIGTERM, how long connections are still accepted and told to close."""
    drain_deadline_ms: int = 8_000
    check_seconds: int = 20
    """Of `--check` as a whole."""
    device: str = AUTO
    """What ONNX Runtime computes on."""
    on_device: bool = False

    @property
    def answers_lists(self) -> bool:
        return self.answer_form == ANSWER_LIST

    @property
    def limits(self) -> Limits:
        return Limits(
            max_connections=self.max_connections,
            max_in_flight=self.max_in_flight,
            max_body_bytes=self.max_body_bytes,
            request_seconds=self.request_timeout_ms / 1e3,
            idle_seconds=self.keep_alive_ms / 1e3,
        )

    @property
    def runs(self) -> RunSettings:
        return RunSettings(
            timeout_ms=self.run_timeout_ms,
            batch_max=self.batch_max,
            batch_wait_ms=self.batch_wait_ms,
            device=self.device,
        )


def read_settings(environ: Mapping[str, str]) -> Settings:
    default = Settings()
    return Settings(
        artifact=Path(environ.get("SCORING_ARTIFACT", default.artifact)),
        secrets=Path(environ.get("SCORING_SECRETS", default.secrets)),
        host=environ.get("SCORING_HOST", default.host),
        port=_integer(environ, "SCORING_PORT", default.port, 0, 65535),
        tls_port=_integer(environ, "SCORING_TLS_PORT", default.tls_port, 0, 65535),
        workers=_integer(environ, "WORKERS", default.workers, 1, MOST_WORKERS),
        answer_form=_choice(environ, "SCORING_ANSWER_FORM", (ANSWER_OBJECT, ANSWER_LIST)),
        max_body_bytes=_integer(environ, "SCORING_MAX_BODY_BYTES", default.max_body_bytes, 1, _MOST_BODY_BYTES),
        max_in_flight=_integer(environ, "SCORING_MAX_IN_FLIGHT", default.max_in_flight, 1, 2**16),
        max_connections=_integer(environ, "SCORING_MAX_CONNECTIONS", default.max_connections, 1, 2**16),
        run_timeout_ms=_integer(environ, "SCORING_TIMEOUT_MS", default.run_timeout_ms, 1, MOST_ANSWER_MS),
        batch_max=_integer(environ, "BATCH_MAX", default.batch_max, 1, MOST_BATCH),
        batch_wait_ms=_integer(environ, "BATCH_WAIT_MS", default.batch_wait_ms, 0, MOST_BATCH_WAIT_MS),
        cors_origins=_list(environ, "AML_CORS_ORIGINS"),
        request_timeout_ms=_integer(environ, "SCORING_REQUEST_TIMEOUT_MS", default.request_timeout_ms, 1, 3_600_000),
        keep_alive_ms=_integer(environ, "SCORING_KEEP_ALIVE_MS", default.keep_alive_ms, 1, 3_600_000),
        drain_grace_ms=_integer(environ, "SCORING_DRAIN_GRACE_MS", default.drain_grace_ms, 0, 60_000),
        drain_deadline_ms=_integer(environ, "SCORING_DRAIN_DEADLINE_MS", default.drain_deadline_ms, 1, 600_000),
        check_seconds=_integer(environ, "SCORING_CHECK_SECONDS", default.check_seconds, 1, 3600),
        device=_choice(environ, "SCORING_DEVICE", DEVICES),
        on_device="IOTEDGE_DEVICEID" in environ or "EdgeHubConnectionString" in environ,
    )


def _integer(environ: Mapping[str, str], name: str, default: int, minimum: int, maximum: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not minimum <= int(text) <= maximum:
        raise SettingsError(f"{name} is {text!r}, allowed is a whole number from {minimum} to {maximum}")
    return int(text)


def _list(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Separated by commas."""
    values = tuple(value.strip() for value in environ.get(name, "").split(",") if value.strip())
    for value in values:
        if not value.isascii() or not value.isprintable() or " " in value:
            raise SettingsError(f"{name} has {value!r}, allowed are origins such as https://example.com, or *")
    return values


def _choice(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = environ.get(name) or allowed[0]
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}, allowed are {', '.join(allowed)}")
    return value
