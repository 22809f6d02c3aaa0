from __future__ import annotations

from standin.containerinstance.probe_spec import parse_probe
from standin.containers.probes import Probe


def test_kubernetes_defaults_hold() -> None:
    parsed = parse_probe({"httpGet": {"port": 5001, "path": "ready"}}, "p")
    assert parsed == Probe(
        path="/ready",
        port=5001,
        initial_delay_seconds=0,
        period_seconds=10,
        timeout_seconds=1,
        failure_threshold=3,
        success_threshold=1,
    )
