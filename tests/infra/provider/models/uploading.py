"""Run as a program of its own: the provider registers a model while the deployer's role on blobs is not effective yet.

A separate process, because the imports of azure-ai-ml warn in ways that this project treats as errors. Prints what the
user would have seen.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from cloud.arm import Arm
from infra.provider.services.ml_client import Workspace
from infra.provider.services.model_registry import ModelRegistry
from tests.infra.provider.recorder import Recorder


class _Granting(Recorder):
    """The role comes while it waits."""

    def wait(self, seconds: float) -> None:
        if len(self.waited) == 1:
            assignment = os.environ["ASSIGNMENT"]
            Arm(Recorder()).request("PUT", assignment, "2022-04-01", body=json.loads(os.environ["GRANT"]))
        super().wait(seconds)


def main(folder: Path) -> list[str]:
    artifact = folder / "artifact"
    artifact.mkdir()
    (artifact / "card.json").write_text("{}")
    ctx = _Granting()
    subscription, group, name = (os.environ[one] for one in ("AZURE_SUBSCRIPTION_ID", "GROUP", "WORKSPACE"))
    workspace = Workspace(subscription_id=subscription, resource_group=group, name=name)
    ModelRegistry(ctx, workspace).register("anomaly", "abc", str(artifact), {})
    return ctx.statuses


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
