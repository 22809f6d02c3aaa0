"""Run as a program of its own: what azure-ai-ml does with a model, as JSON on standard output.

A separate process, because the SDK's imports warn in ways that this project treats as errors.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def main(folder: Path) -> dict[str, Any]:
    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import Model
    from azure.core.exceptions import ResourceNotFoundError
    from azure.identity import DefaultAzureCredential

    client = MLClient(
        DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"], os.environ["GROUP"], os.environ["WORKSPACE"]
    )
    artifact = folder / "artifact"
    artifact.mkdir()
    (artifact / "model.onnx").write_bytes(b"weights")
    (artifact / "card.json").write_text("{}")
    seen: dict[str, Any] = {}
    try:
        client.models.get("anomaly", version="abc")
    except ResourceNotFoundError as missing:
        seen["before"] = missing.status_code
    wanted = Model(name="anomaly", version="abc", path=str(artifact), type="custom_model", tags={"accuracy": "0.99"})
    created = client.models.create_or_update(wanted)
    seen["created"] = [created.name, created.version, created.id]
    read = client.models.get("anomaly", version="abc")
    seen["read"] = [read.name, read.version, read.tags]
    seen["latest"] = client.models.get("anomaly", label="latest").version
    client.models.download("anomaly", version="abc", download_path=str(folder / "down"))
    downloaded = sorted(path for path in (folder / "down").rglob("*") if path.is_file())
    seen["downloaded"] = {path.name: path.read_text() for path in downloaded}
    client.models.archive("anomaly", version="abc")
    seen["archived"] = [found.version for found in client.models.list("anomaly")]
    client.models.create_or_update(wanted)
    seen["restored"] = [found.version for found in client.models.list("anomaly")]
    unnumbered = client.models.create_or_update(Model(name="plain", path=str(artifact / "model.onnx")))
    seen["unnumbered"] = unnumbered.version
    client.models.download("plain", version="1", download_path=str(folder / "file"))
    seen["file"] = [str(path.relative_to(folder / "file")) for path in (folder / "file").rglob("*") if path.is_file()]
    seen["models"] = sorted(model.name for model in client.models.list())
    return seen


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
