"""What the program makes of an endpoint of kind online."""

from __future__ import annotations

from collections.abc import Callable

from dryrun import ONLINE_STACK, UNKNOWN, Plan
from infra.components.access import Role
from tests.infra.plans import resource

Planned = Callable[[str, str], Plan]


def test_azure_native_makes_the_endpoint_and_has_nothing_left_to_change_in_it(planned: Planned) -> None:
    endpoint = resource(planned(ONLINE_STACK, "up"), "OnlineEndpoint", "anomaly")

    # each PUT of it would carry the traffic that its inputs have, which is none
    assert "traffic" not in endpoint["inputs"]["properties"]
    named = {"endpointName", "workspaceName", "resourceGroupName"}  # of which another one is another endpoint
    changes = set(endpoint["inputs"]) - named - set(endpoint["options"]["ignoreChanges"])
    replaces = {path.partition(".")[0] for path in endpoint["options"]["replaceOnChanges"]}
    assert changes == replaces
    assert {f"properties.{name}" for name in endpoint["inputs"]["properties"]} <= set(
        endpoint["options"]["replaceOnChanges"]
    )


def test_the_deployment_gets_the_settings_of_its_entry(planned: Planned) -> None:
    inputs = resource(planned(ONLINE_STACK, "up"), "OnlineModel", "anomaly")["inputs"]

    assert inputs["instanceType"], inputs["instances"] == ("Standard_DS2_v2", 2)
    assert inputs["traffic"] == [10, 50, 100]
    assert (inputs["holdSeconds"], inputs["probes"]) == (180, 100)
    # the model's own limit is reached before Azure's
    assert inputs["environmentVariables"] == {"SCORING_PORT": "5001", "SCORING_TIMEOUT_MS": "1500", "WORKERS": "2"}
    assert (inputs["requestTimeoutSeconds"], inputs["concurrentRequests"]) == (3, 128)
    assert inputs["tags"] == {"project": "edgeway", "environment": "dev"}


def test_the_environment_is_the_image_by_digest_with_the_servers_routes(planned: Planned) -> None:
    plan = planned(ONLINE_STACK, "up")

    environment = resource(plan, "EnvironmentVersion", "anomaly")["inputs"]
    assert "@sha256:" in environment["image"]
    assert environment["routes"] == {"liveness": "/live", "readiness": "/ready", "scoring": "/score"}
    assert environment["port"] == 5001
    assert environment["versionId"] == resource(plan, "OnlineModel", "anomaly")["inputs"]["environmentId"]
    unknown = resource(planned(ONLINE_STACK, "preview"), "EnvironmentVersion", "anomaly")["inputs"]
    assert unknown["versionId"] == UNKNOWN


def test_the_endpoints_identity_pulls_images_and_reads_blobs_and_nothing_else(planned: Planned) -> None:
    plan = planned(ONLINE_STACK, "up")

    granted = {
        one["name"]: one["inputs"]["roleDefinitionId"].rpartition("/")[2]
        for one in plan["resources"]
        if one["type"].endswith(":RoleAssignment") and one["name"].startswith("online-")
    }
    assert granted == {"online-pull-registry": Role.ACR_PULL, "online-pull-blobs": Role.BLOB_DATA_READER}


def test_a_second_endpoint_of_a_model_has_its_kind_in_its_name_and_its_key_in_no_output(planned: Planned) -> None:
    values = planned(ONLINE_STACK, "up")["output_values"]

    assert values["scoring"].keys() == {"anomaly", "anomaly-online"}
    online = values["scoring"]["anomaly-online"]
    assert online.keys() == {"url", "model", "version", "image", "endpointId", "deployment"}
    assert online["url"].endswith(".inference.ml.azure.com/score")
    assert online["endpointId"].endswith("/onlineEndpoints/ep-anomaly-dev-98f0f8")
    assert values["scoringKeys"].keys() == {"anomaly"}
