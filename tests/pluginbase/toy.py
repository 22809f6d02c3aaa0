"""A provider of boxes: JSON files in the folder $TOY_BOXES. The engine runs `python -m tests.pluginbase.toy`."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any

from pluginbase.resource import Failure, Gone, OperationContext, PartialFailure, Properties, ProviderError, Resource
from pluginbase.server import serve
from pluginbase.values import UNKNOWN

REFUSED = 99
BROKEN = 98
UNREADY = 13
SOLD_OUT = 97


class CardboardError(Exception):
    """What a client of a service raises: it knows no provider."""


class Box(Resource):
    token = "toy:index:Box"
    secret_outputs = frozenset({"token"})
    replace_on = frozenset({"name", "parts[*].key"})
    delete_before_replace = True
    stable_outputs = ("name", "serial")

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        failures = []
        size = news.get("size", 1)
        if size is not UNKNOWN and not (isinstance(size, int) and size > 0):
            failures.append(Failure("size", f"expected a whole number above 0, got {size!r}"))
        if news.get("password") == "hunter2-hunter2":
            failures.append(Failure("password", f"{news['password']} is on every list"))
        for index, part in enumerate(news.get("parts", [])):
            if part.get("key", "") == "":
                failures.append(Failure(f"parts[{index}].key", "is missing"))
        return {"size": 1, **news}, failures

    def preview_outputs(self, ctx: OperationContext, inputs: Properties) -> Properties:
        return {**inputs, "serial": UNKNOWN, "token": UNKNOWN}

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        ctx.status("folding")
        self._refuse(ctx, inputs)
        box = {**inputs, "serial": uuid.uuid4().hex, "token": f"token-of-{inputs['name']}"}
        _store(inputs["name"], box)
        if inputs["size"] == UNREADY:
            raise PartialFailure(inputs["name"], box, [f"a box of size {UNREADY} does not close"])
        ctx.log(f"box {inputs['name']} with password {inputs.get('password')} is made")
        return inputs["name"], box

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        box = _load(id)
        names = inputs or {"name", "size", "password", "parts"}
        return id, {name: box[name] for name in names if name in box}, box

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        self._refuse(ctx, news)
        box = {**_load(id), **news}
        _store(id, box)
        return box

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        _load(id)
        _file(id).unlink()

    def _refuse(self, ctx: OperationContext, inputs: Properties) -> None:
        if inputs["size"] == REFUSED:
            raise ProviderError(f"no board is large enough for {inputs['name']} ({inputs.get('password')})")
        if inputs["size"] == SOLD_OUT:
            raise CardboardError(f"no cardboard for {inputs['name']} ({inputs.get('password')})")
        if inputs["size"] == BROKEN:
            raise ZeroDivisionError(f"folded {inputs.get('password')} by zero")


def measure(ctx: OperationContext, arguments: Properties) -> Properties:
    return {"size": _load(arguments["name"])["size"]}


def _file(id: str) -> Path:
    return Path(os.environ["TOY_BOXES"]) / f"{id}.json"


def _load(id: str) -> dict[str, Any]:
    if not _file(id).exists():
        raise Gone
    box: dict[str, Any] = json.loads(_file(id).read_text())
    return box


def _store(id: str, box: dict[str, Any]) -> None:
    _file(id).write_text(json.dumps(box))


if __name__ == "__main__":
    serve("toy", "0.1.0", [Box()], invokes={"toy:index:measure": measure})
