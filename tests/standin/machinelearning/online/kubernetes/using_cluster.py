"""Run as a program of its own: what azure-ai-ml does with an attached cluster and an endpoint on it, as JSON.

A separate process, because the SDK's imports warn in ways that this project treats as errors.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

COMPUTE, ENDPOINT = "k8s-judged", "ep-on-k8s"


def main(folder: Path) -> dict[str, Any]:
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    client = MLClient(
        DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"], os.environ["GROUP"], os.environ["WORKSPACE"]
    )
    request = folder / "request.json"
    request.write_text('{"row": 1}')
    seen: dict[str, Any] = {}
    _attach(client, seen)
    _endpoint(client, str(request), seen)
    _end(client, seen)
    return seen


def _attach(client: Any, seen: dict[str, Any]) -> None:
    from azure.ai.ml.entities import KubernetesCompute
    from azure.core.exceptions import HttpResponseError

    small = {"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}
    inner = {"instanceTypes": {"small": {"resources": small}}, "defaultInstanceType": "small"}

    def compute(namespace: str) -> Any:
        return KubernetesCompute(
            name=COMPUTE, resource_id=os.environ["CLUSTER"], namespace=namespace, properties=dict(inner)
        )

    made = client.compute.begin_attach(compute("azureml")).result()
    seen["attached"] = [made.name, made.type, made.namespace, made.provisioning_state, made.resource_id]
    read = client.compute.get(COMPUTE)
    seen["types"] = sorted(read.properties["instanceTypes"])
    try:
        client.compute.begin_create_or_update(compute("default")).result()
    except HttpResponseError as refused:
        seen["changed"] = str(refused)
    seen["computes"] = [one.name for one in client.compute.list(compute_type="Kubernetes")]


def _endpoint(client: Any, request: str, seen: dict[str, Any]) -> None:
    from azure.ai.ml.entities import KubernetesOnlineEndpoint

    wanted = KubernetesOnlineEndpoint(name=ENDPOINT, compute=COMPUTE, auth_mode="key")
    made = client.online_endpoints.begin_create_or_update(wanted).result()
    seen["endpoint"] = [made.name, made.provisioning_state, made.scoring_uri, type(made).__name__]
    blue = client.online_deployments.begin_create_or_update(_deployment(client, "one")).result()
    seen["blue"] = [blue.name, blue.provisioning_state, blue.instance_type, blue.instance_count]
    endpoint = client.online_endpoints.get(ENDPOINT)
    endpoint.traffic = {"blue": 100}
    client.online_endpoints.begin_create_or_update(endpoint).result()
    seen["invoked"] = json.loads(client.online_endpoints.invoke(ENDPOINT, request_file=request))
    client.online_deployments.begin_create_or_update(_deployment(client, "two")).result()
    named = client.online_endpoints.invoke(ENDPOINT, request_file=request, deployment_name="blue")
    seen["rolled"] = json.loads(named)
    seen["logs"] = client.online_deployments.get_logs(name="blue", endpoint_name=ENDPOINT, lines=1)
    before = client.online_endpoints.get_keys(ENDPOINT).primary_key
    client.online_endpoints.begin_regenerate_keys(ENDPOINT, key_type="primary").result()
    seen["keys"] = client.online_endpoints.get_keys(ENDPOINT).primary_key == before


def _deployment(client: Any, image: str) -> Any:
    from azure.ai.ml.entities import (
        DefaultScaleSettings,
        Environment,
        KubernetesOnlineDeployment,
        OnlineRequestSettings,
        ProbeSettings,
        ResourceRequirementsSettings,
        ResourceSettings,
    )

    routes = json.loads(os.environ["ROUTES"])
    config = {f"{name}_route": routes[f"{name}Route"] for name in ("liveness", "readiness", "scoring")}
    environment = client.environments.create_or_update(
        Environment(name=f"env-k8s-{image}", version="1", image=image, inference_config=config)
    )
    probe = ProbeSettings(initial_delay=1, period=1, timeout=5, failure_threshold=30)
    return KubernetesOnlineDeployment(
        name="blue",
        endpoint_name=ENDPOINT,
        environment=environment.id,
        environment_variables={"A": "b"},
        instance_type="small",
        instance_count=2,
        scale_settings=DefaultScaleSettings(),
        resources=ResourceRequirementsSettings(
            requests=ResourceSettings(cpu="250m", memory="256Mi"), limits=ResourceSettings(cpu="500m", memory="512Mi")
        ),
        liveness_probe=probe,
        readiness_probe=probe,
        request_settings=OnlineRequestSettings(request_timeout_ms=3000, max_concurrent_requests_per_instance=2),
    )


def _end(client: Any, seen: dict[str, Any]) -> None:
    from azure.core.exceptions import ResourceNotFoundError

    endpoint = client.online_endpoints.get(ENDPOINT)
    endpoint.traffic = {"blue": 0}
    client.online_endpoints.begin_create_or_update(endpoint).result()
    client.online_deployments.begin_delete(name="blue", endpoint_name=ENDPOINT).result()
    seen["left"] = [one.name for one in client.online_deployments.list(ENDPOINT)]
    client.online_endpoints.begin_delete(name=ENDPOINT).result()
    client.compute.begin_delete(COMPUTE, action="Detach").result()
    try:
        client.compute.get(COMPUTE)
    except ResourceNotFoundError as missing:
        seen["gone"] = missing.status_code


if __name__ == "__main__":
    found = main(Path(sys.argv[1]))
    print()  # the SDK leaves a line of dots open
    print(json.dumps(found, default=str))
