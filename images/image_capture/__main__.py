"""`python -m images.image_capture`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from images.edge_hub.client import EdgeHubClient
from images.image_capture.module import Capture
from images.image_capture.settings import read_settings
from images.image_capture.source import Source
from images.sending.process import run_sender


def prepare(environ: Mapping[str, str]) -> Callable[[EdgeHubClient], Capture]:
    settings = read_settings(environ)
    return lambda client: Capture(client, settings, Source(settings))


if __name__ == "__main__":
    run_sender("image_capture", EdgeHubClient, prepare)
