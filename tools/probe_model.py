"""Registers a model of a few bytes in a workspace and archives it, by the ways that `up` and `down` use.

`python -m tools.probe_model`: on stdin {"subscription", "resourceGroup", "workspace", "model"}; on stdout what was
seen, or {"status", "code", "message"} of a refusal.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cloud.errors import ServiceError
from infra.provider.services.ml_client import Workspace
from infra.provider.services.model_registry import ModelRegistry
from infra.provider.services.model_versions import ModelVersions
from pluginbase.resource import OperationContext

VERSION = "1"


def main() -> int:
    given = json.load(sys.stdin)
    workspace = Workspace(
        subscription_id=given["subscription"], resource_group=given["resourceGroup"], name=given["workspace"]
    )
    try:
        answer = _registered(OperationContext(), workspace, given["model"])
    except ServiceError as error:
        answer = {"status": error.status, "code": error.code, "message": error.message}
    sys.stdout.write(json.dumps(answer))
    return 0


def _registered(ctx: OperationContext, workspace: Workspace, model: str) -> dict[str, Any]:
    registry, began = ModelRegistry(ctx, workspace), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="edgeway-probe-") as folder:
        Path(folder, "model.txt").write_text("first contact\n" * 64, encoding="utf-8")
        registry.register(model, VERSION, folder, {"edgeway": "first-contact"})
    seconds = time.monotonic() - began
    live = registry.get(model, VERSION)
    versions = ModelVersions(ctx, f"{workspace.id}/models/{model}")
    versions.set(VERSION, archived=True)
    archived = versions.get(VERSION)
    return {
        "seconds": seconds,
        "tags": dict(live.tags or {}) if live is not None else None,
        "archived": archived is not None and archived.archived,
        "active": len(versions.active()),
    }


if __name__ == "__main__":
    sys.exit(main())
