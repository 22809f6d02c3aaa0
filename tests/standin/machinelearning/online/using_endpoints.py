"""Run as a program of its own: what azure-ai-ml does with an endpoint and two deployments, as JSON.

A separate process, because the SDK's imports warn in ways that this project treats as errors.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

ENDPOINT = "ep-judged"


def main(folder: Path) -> dict[str, Any]:
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    client = MLClient(
        DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"], os.environ["GROUP"], os.environ["WORKSPACE"]
    )
    request = folder / "request.json"
    request.write_text('{"row": 1}')
    seen: dict[str, Any] = {}
    _endpoint(client, seen)
    _deployments(client, folder, seen)
    _traffic(client, str(request), seen)
    _end(client, seen)
    return seen


def _endpoint(client: Any, seen: dict[str, Any]) -> None:
    from azure.ai.ml.entities import ManagedOnlineEndpoint

    made = client.online_endpoints.begin_create_or_update(
        ManagedOnlineEndpoint(name=ENDPOINT, auth_mode="key", tags={"a": "b"}, description="judged")
    ).result()
    read = client.online_endpoints.get(ENDPOINT)
    seen["made"] = [made.name, made.provisioning_state, made.auth_mode, made.tags]
    seen["read"] = [read.scoring_uri, read.openapi_uri, read.identity.type, read.description, read.traffic]
    seen["listed"] = [one.name for one in client.online_endpoints.list()]
    before = client.online_endpoints.get_keys(ENDPOINT)
    client.online_endpoints.begin_regenerate_keys(ENDPOINT, key_type="secondary").result()
    after = client.online_endpoints.get_keys(ENDPOINT)
    seen["keys"] = [after.primary_key == before.primary_key, after.secondary_key == before.secondary_key]


def _deployments(client: Any, folder: Path, seen: dict[str, Any]) -> None:
    from azure.ai.ml.entities import Environment, ManagedOnlineDeployment, Model, OnlineRequestSettings, ProbeSettings
    from azure.core.exceptions import HttpResponseError

    (folder / "model.txt").write_text("weights")
    model = client.models.create_or_update(Model(name="judged", version="1", path=str(folder / "model.txt")))
    routes = json.loads(os.environ["ROUTES"])
    config = {f"{name}_route": routes[f"{name}Route"] for name in ("liveness", "readiness", "scoring")}
    probe = ProbeSettings(initial_delay=1, period=1, timeout=5, failure_threshold=30)

    def deployment(name: str, image: str, **more: Any) -> Any:
        environment = client.environments.create_or_update(
            Environment(name=f"env-{image}", version="1", image=image, inference_config=config)
        )
        return ManagedOnlineDeployment(
            name=name,
            endpoint_name=ENDPOINT,
            environment=environment.id,
            model=model.id,
            environment_variables={"A": "b"},
            liveness_probe=probe,
            readiness_probe=probe,
            **{"instance_type": "Standard_DS2_v2", "instance_count": 1, **more},
        )

    settings = OnlineRequestSettings(request_timeout_ms=3000, max_concurrent_requests_per_instance=2)
    blue = client.online_deployments.begin_create_or_update(deployment("blue", "one", request_settings=settings))
    made = blue.result()
    seen["blue"] = [made.name, made.provisioning_state, made.instance_type, made.instance_count, made.scale_settings]
    client.online_deployments.begin_create_or_update(deployment("green", "two")).result()
    read = client.online_deployments.get("blue", ENDPOINT)
    told = read.request_settings
    seen["settings"] = [told.request_timeout_ms, told.max_concurrent_requests_per_instance, read.environment_variables]
    try:
        client.online_deployments.begin_create_or_update(deployment("red", "one", instance_count=20)).result()
    except HttpResponseError as refused:
        seen["quota"] = str(refused)
    read.instance_count = 2
    seen["scaled"] = client.online_deployments.begin_create_or_update(read).result().instance_count
    seen["deployments"] = sorted(one.name for one in client.online_deployments.list(ENDPOINT))
    seen["logs"] = client.online_deployments.get_logs(name="blue", endpoint_name=ENDPOINT, lines=1)


def _traffic(client: Any, request: str, seen: dict[str, Any]) -> None:
    from azure.core.exceptions import HttpResponseError

    endpoint = client.online_endpoints.get(ENDPOINT)
    endpoint.traffic = {"blue": 100, "green": 0}
    endpoint.mirror_traffic = {"green": 50}
    client.online_endpoints.begin_create_or_update(endpoint).result()
    seen["invoked"] = json.loads(client.online_endpoints.invoke(ENDPOINT, request_file=request))
    named = client.online_endpoints.invoke(ENDPOINT, request_file=request, deployment_name="green")
    seen["named"] = json.loads(named)
    seen["traffic"] = client.online_endpoints.get(ENDPOINT).traffic
    for traffic in ({"blue": 60}, {"red": 100}):
        endpoint.traffic, endpoint.mirror_traffic = traffic, {}
        try:
            client.online_endpoints.begin_create_or_update(endpoint).result()
        except HttpResponseError as refused:
            seen.setdefault("refused", []).append(str(refused))
    try:
        client.online_deployments.begin_delete(name="blue", endpoint_name=ENDPOINT).result()
    except HttpResponseError as refused:
        seen["with_traffic"] = [refused.status_code, str(refused)]


def _end(client: Any, seen: dict[str, Any]) -> None:
    from azure.core.exceptions import ResourceNotFoundError

    client.online_deployments.begin_delete(name="green", endpoint_name=ENDPOINT).result()
    seen["left"] = [one.name for one in client.online_deployments.list(ENDPOINT)]
    client.online_endpoints.begin_delete(name=ENDPOINT).result()
    try:
        client.online_endpoints.get(ENDPOINT)
    except ResourceNotFoundError as missing:
        seen["gone"] = missing.status_code


if __name__ == "__main__":
    found = main(Path(sys.argv[1]))
    print()  # the SDK leaves a line of dots open
    print(json.dumps(found, default=str))
