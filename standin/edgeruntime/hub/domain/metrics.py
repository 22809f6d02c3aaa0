"""Counters in Prometheus' text form, under edgeHub's names where it has them.

https://learn.microsoft.com/azure/iot-edge/how-to-access-built-in-metrics
"""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PAGE_BYTES = resource.getpagesize()


@dataclass(slots=True)
class Metrics:
    received: int = 0
    delivered: int = 0
    sent_upstream: int = 0
    connections: int = 0
    refused: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def text(self, gauges: Mapping[str, float], queues: Mapping[str, int]) -> str:
        lines = [
            f"edgehub_messages_received_total {self.received}",
            f"edgehub_messages_delivered_total {self.delivered}",
            f'edgehub_messages_sent_total{{to="upstream"}} {self.sent_upstream}',
            f"edgehub_client_connect_success_total {self.connections}",
            f"edgehub_client_connect_failed_total {self.refused}",
            *_labelled("edgehub_messages_dropped_total", "reason", self.dropped.items()),
            *_labelled("edgehub_queue_length", "endpoint", queues.items()),
            *(f"{name} {value}" for name, value in gauges.items()),
            f"process_resident_memory_bytes {resident_bytes()}",
        ]
        return "\n".join(lines) + "\n"


def _labelled(name: str, label: str, values: Iterable[tuple[str, int]]) -> list[str]:
    return [f'{name}{{{label}="{key}"}} {value}' for key, value in values]


def resident_bytes() -> int:
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * PAGE_BYTES
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
