"""A deployment's body is read whole, or refused by the field that is wrong: nothing else comes of any body."""

from __future__ import annotations

import copy
import random
from typing import Any, cast

import pytest

from standin.machinelearning.online.description import Wrong, instances, limits_of, replica_of
from tests.standin.malformed.odd_requests import VALID, spoiled

BODY = cast(dict[str, Any], VALID["onlineEndpoints/ep-1/deployments"])
MODEL = "/w/models/m/versions/3"
ENVIRONMENT: dict[str, Any] = {"image": "i", "inferenceConfig": {"readinessRoute": {"path": "/ready", "port": 8080}}}


def test_routes_are_the_environments_and_probes_the_bodys_each_with_azures_defaults() -> None:
    replica = replica_of(BODY["properties"], ENVIRONMENT, MODEL)
    assert (replica.readiness.path, replica.readiness.port, replica.port) == ("/ready", 8080, 5001)
    assert (replica.liveness.path, replica.liveness.timeout_s, replica.liveness.failures) == ("/", 2, 30)
    assert (replica.readiness.initial_delay_s, replica.readiness.period_s, replica.readiness.failures) == (10, 10, 30)
    assert replica.readiness.gives_up_after_s == 10 + 30 * 12
    assert replica.variables == {"a": "b", "AZUREML_MODEL_DIR": "/var/azureml-app/azureml-models/m/3"}


def test_waiting_is_part_of_a_requests_time_unless_a_deployment_bounds_it() -> None:
    assert limits_of({}).queue_s is None
    limits = limits_of({"requestSettings": {"requestTimeout": "PT1M", "maxQueueWait": "PT0.5S"}})
    assert (limits.timeout_s, limits.queue_s, limits.concurrent) == (60, 0.5, 1)


@pytest.mark.parametrize("capacity", [0, -1, True, "1", None, 1.5])
def test_instances_are_a_whole_number_of_one_or_more(capacity: object) -> None:
    with pytest.raises(Wrong, match="The number of instances is"):
        instances({"sku": {"capacity": capacity}})


def test_a_spoiled_body_is_read_or_refused() -> None:
    chance = random.Random(3)
    outcomes = set()
    for _ in range(2000):
        body = cast(Any, spoiled(chance, copy.deepcopy(BODY)))
        properties = body.get("properties") if isinstance(body, dict) else None
        if not isinstance(properties, dict):
            continue
        try:
            replica_of(properties, ENVIRONMENT, None)
            limits_of(properties)
            instances(body)
            outcomes.add("read")
        except Wrong as refused:
            outcomes.add(refused.field)
    assert {"read", "RequestTimeout", "MaxConcurrentRequestsPerInstance", "Sku.Capacity"} <= outcomes
