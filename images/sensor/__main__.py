"""`python -m images.sensor`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from images.edge_hub.client import EdgeHubClient
from images.sending.process import run_sender
from images.sensor.loop import SensorLoop
from images.sensor.settings import read_settings
from images.sensor.simulation import Simulation


def prepare(environ: Mapping[str, str]) -> Callable[[EdgeHubClient], SensorLoop]:
    settings = read_settings(environ)
    return lambda client: SensorLoop(client, settings, Simulation())


if __name__ == "__main__":
    run_sender("sensor", EdgeHubClient, prepare)
