"""What a place sets of the scoring server, the server takes, and holds itself to."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.limits import IN_FLIGHT, MOST_BATCH, MOST_BATCH_WAIT_MS, MOST_BODY_MB, MOST_WORKERS, ServerSettings
from images.scoring.process.settings import Settings, read_settings

MB = 1024 * 1024


def told(memory_mb: int = 512, **given: object) -> Settings:
    return read_settings(msgspec.convert(given, ServerSettings).variables(memory_mb))


def test_without_settings_only_the_time_is_told() -> None:
    assert ServerSettings().variables(512) == {"SCORING_TIMEOUT_MS": "2000"}
    assert told() == replace(Settings(), run_timeout_ms=2000)


def test_every_setting_reaches_the_server() -> None:
    found = told(1024, latencyMs=9000, bodyLimitMb=4, workers=2, batch={"max": 16, "waitMs": 3})

    assert found == replace(
        Settings(),
        run_timeout_ms=9000,
        max_body_bytes=4 * MB,
        workers=2,
        batch_max=16,
        batch_wait_ms=3,
    )


@given(
    memory_mb=st.integers(32, 1_048_576),
    body=st.integers(1, MOST_BODY_MB),
    workers=st.integers(1, MOST_WORKERS),
    rows=st.integers(1, MOST_BATCH),
    wait=st.integers(0, MOST_BATCH_WAIT_MS),
)
def test_whatever_fits_is_taken_and_its_bodies_fit_into_half_of_the_memory(
    memory_mb: int, body: int, workers: int, rows: int, wait: int
) -> None:
    settings = msgspec.convert(
        {"bodyLimitMb": body, "workers": workers, "batch": {"max": rows, "waitMs": wait}}, ServerSettings
    )
    found = read_settings(settings.variables(memory_mb))

    assert (found.max_body_bytes, found.workers, found.batch_max, found.batch_wait_ms) == (
        body * MB,
        workers,
        rows,
        wait,
    )
    if settings.in_flight(memory_mb) >= 1:
        assert found.max_in_flight * body * workers * 2 <= memory_mb
        assert found.max_in_flight == IN_FLIGHT or (found.max_in_flight + 1) * body * workers * 2 > memory_mb - 2


@pytest.mark.parametrize(("memory_mb", "body", "in_flight"), [(128, 1, 64), (512, 4, 64), (512, 20, 12), (32, 1, 16)])
def test_a_larger_body_has_fewer_beside_it(memory_mb: int, body: int, in_flight: int) -> None:
    assert told(memory_mb, bodyLimitMb=body).max_in_flight == in_flight
