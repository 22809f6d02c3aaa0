"""Run as a program of its own: what azure-ai-ml does with clusters, environments, codes and data, as JSON.

A separate process, because the SDK's imports warn in ways that this project treats as errors.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Seen = Iterator[tuple[str, Any]]


def main(folder: Path) -> dict[str, Any]:
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    credential = DefaultAzureCredential()
    client = MLClient(credential, os.environ["AZURE_SUBSCRIPTION_ID"], os.environ["GROUP"], os.environ["WORKSPACE"])
    return dict(
        seen
        for steps in (cluster(client), environments(client), codes(client, credential, folder), data(client, folder))
        for seen in steps
    )


def cluster(client: Any) -> Seen:
    from azure.ai.ml.entities import AmlCompute
    from azure.core.exceptions import ResourceNotFoundError

    wanted = AmlCompute(
        name="cpu-cluster", size="Standard_DS3_v2", min_instances=0, max_instances=2, idle_time_before_scale_down=180
    )
    client.compute.begin_create_or_update(wanted).result()
    made = client.compute.get("cpu-cluster")
    scale = [made.min_instances, made.max_instances, made.idle_time_before_scale_down]
    yield "cluster", [made.name, made.provisioning_state, made.size, *scale]
    yield "listed", [one.name for one in client.compute.list()]
    made.min_instances, made.max_instances = 1, 3
    changed = client.compute.begin_update(made).result()
    yield "changed", [changed.min_instances, changed.max_instances]
    # this version of the SDK keeps the answer's own names beside those that it documents, which stay None
    yield "nodes", [node.nodeState for node in client.compute.list_nodes("cpu-cluster")]
    usages = client.compute.list_usage(location="westeurope")
    yield "usage", {usage.name["value"]: [usage.currentValue, usage.limit] for usage in usages}
    yield "sizes", [size.name for size in client.compute.list_sizes(location="westeurope")]
    client.compute.begin_delete("cpu-cluster").result()
    try:
        client.compute.get("cpu-cluster")
    except ResourceNotFoundError as gone:
        yield "deleted", gone.status_code


def environments(client: Any) -> Seen:
    from azure.ai.ml.entities import Environment

    route = {"path": "/score", "port": 5001}
    serving = {"liveness_route": route, "readiness_route": route, "scoring_route": route}

    def registered(number: int) -> Any:
        image = f"example.azurecr.io/training:{number}"
        return client.environments.create_or_update(Environment(name="training", image=image, inference_config=serving))

    made = registered(1)
    yield "environment", [made.name, made.version, made.image]
    yield "same environment", registered(1).version
    yield "other environment", registered(2).version
    latest = client.environments.get("training", label="latest")
    yield "latest environment", latest.version
    read = client.environments.get("training", version="2").inference_config["scoringRoute"]
    yield "routes", {"path": read["path"], "port": read["port"]}
    client.environments.archive("training", version="2")
    yield "archived environment", [one.version for one in client.environments.list("training")]


def codes(client: Any, credential: Any, folder: Path) -> Seen:
    from azure.ai.ml.entities._assets import Code
    from azure.storage.blob import BlobClient

    source = folder / "src"
    source.mkdir()

    def uploaded(text: str) -> Any:
        (source / "train.py").write_text(text)
        return client._code.create_or_update(Code(path=str(source)))

    def lies(code: Any) -> str:
        blob = BlobClient.from_blob_url(f"{code.path}/train.py", credential=credential)
        return str(blob.download_blob().readall().decode())

    first, again, edited = uploaded("print('one')"), uploaded("print('one')"), uploaded("print('two')")
    yield "same code", first.id == again.id
    yield "edited code", first.id == edited.id
    yield "code lies", [lies(first), lies(edited)]


def data(client: Any, folder: Path) -> Seen:
    from azure.ai.ml.entities import Data

    file = folder / "readings.csv"
    file.write_text("1,2\n")
    made = client.data.create_or_update(Data(name="readings", version="abc", path=str(file), type="uri_file"))
    yield "data", [made.name, made.version, made.type]
    yield "data path", client.data.get("readings", version="abc").path
    wanted = [Data(name="folder", path=str(folder), type="uri_folder") for _ in range(2)]
    yield "numbered data", [client.data.create_or_update(one).version for one in wanted]
    yield "latest data", client.data.get("folder", label="latest").version
    client.data.archive("folder", version="2")
    yield "archived data", [one.version for one in client.data.list("folder")]


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
