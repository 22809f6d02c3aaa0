"""`python -m images.replay`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from images.edge_hub.client import EdgeHubClient
from images.replay.loop import ReplayLoop
from images.replay.rows import read_rows
from images.replay.settings import read_settings
from images.sending.process import run_sender


def prepare(environ: Mapping[str, str]) -> Callable[[EdgeHubClient], ReplayLoop]:
    settings = read_settings(environ)
    rows = read_rows(settings.rows)
    return lambda client: ReplayLoop(client, settings, rows)


if __name__ == "__main__":
    run_sender("replay", EdgeHubClient, prepare)
