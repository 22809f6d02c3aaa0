"""Small good manifests for the tests to spoil."""

from __future__ import annotations

from typing import Any

from edge.manifest import (
    Module,
    RegistryCredential,
    Route,
    SystemModule,
    base_content,
    layer_content,
    output_to_input,
    output_to_upstream,
)

DIGEST = "127.0.0.1:20002/edgeway/anomaly@sha256:" + "a" * 64


def base() -> dict[str, Any]:
    return base_content(
        agent=SystemModule(image="mcr.microsoft.com/azureiotedge-agent:1.6.1"),
        hub=SystemModule(image="mcr.microsoft.com/azureiotedge-hub:1.6.1", env={"OptimizeForPerformance": False}),
        credentials={"line1": RegistryCredential(address="127.0.0.1:20002", username="line1", password="hunter2")},
    )


def layer() -> dict[str, Any]:
    return layer_content(
        modules={
            "sensor": Module(image=DIGEST, env={"MessageCount": -1}, desired={"SendInterval": 1}),
            "scorer": Module(image=DIGEST, create_options={"HostConfig": {"ReadonlyRootfs": True}}, startup_order=1),
        },
        routes={
            "sensorToScorer": Route(
                expression=output_to_input(("sensor", "temperatureOutput"), ("scorer", "amlInput"))
            ),
            "scorerToUpstream": Route(expression=output_to_upstream(("scorer", "amlOutput")), priority=1),
        },
    )
