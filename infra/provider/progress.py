"""Progress that comes by the line, told at a pace that a reader can follow: off a terminal each status is a line."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from cloud.wording import counted
from pluginbase.resource import OperationContext

_INTERVAL_SECONDS = 2.0


class Progress:
    def __init__(self, ctx: OperationContext) -> None:
        self._ctx = ctx
        self._told = float("-inf")

    def tell(self, text: str) -> None:
        now = time.monotonic()
        if now - self._told >= _INTERVAL_SECONDS:
            self._told = now
            self._ctx.status(text)


class PushedLayers:
    """How far a push is, over all layers together; told numbers never fall.

    Fed with the entries of the Docker engine's stream: `{"id", "status", "progressDetail": {"current", "total"}}`.
    https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImagePush
    """

    def __init__(self) -> None:
        self._done: dict[str, bool] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._most_sent = 0

    def add(self, entry: Mapping[str, Any]) -> str:
        layer, detail = str(entry["id"]), entry.get("progressDetail") or {}
        self._done[layer] = entry["status"] in ("Pushed", "Layer already exists") or self._done.get(layer, False)
        if detail.get("total"):
            # what is sent of a layer is counted with the tar around it, so it passes the layer's own size
            total = int(detail["total"])
            self._sizes[layer] = (min(int(detail.get("current", 0)), total), total)
        if self._done[layer] and layer in self._sizes:
            self._sizes[layer] = (self._sizes[layer][1],) * 2
        text = f"{sum(self._done.values())} of {counted(len(self._done), 'layer')}"
        total = sum(size for _, size in self._sizes.values())
        self._most_sent = max(self._most_sent, sum(sent for sent, _ in self._sizes.values()))
        return f"{text}, {self._most_sent / 1e6:.1f} of {total / 1e6:.1f} MB" if total else text
