"""What is said of a change of an online endpoint."""

from __future__ import annotations

from typing import Any

import pytest

from cli.forecast.operations import UNKNOWN, Operation, Operations
from cli.forecast.sentences import sentences

OLD: dict[str, Any] = {
    "endpointId": "/e",
    "environmentId": "/environments/1",
    "modelId": "/models/1",
    "instanceType": "Standard_DS2_v2",
    "instances": 1.0,
    "environmentVariables": {"WORKERS": "1"},
    "traffic": [10.0, 50.0, 100.0],
    "holdSeconds": 180.0,
    "probes": 100.0,
    "digest": "1" * 64,
    "tags": {"project": "edgeway"},
}
POD: dict[str, Any] = {**OLD, "cpu": 0.5, "memoryMb": 1024.0, "clusterId": "/c", "caPem": "ca"}
URN = "urn:pulumi:dev::p::edgeway:infra:OnlineEndpoint$"


def operation(op: str, old: dict[str, Any], new: dict[str, Any], **outputs: Any) -> Operation:
    return Operation(op, f"{URN}mledge:ml:OnlineModel::wear", old, new, outputs)


def said(*operations: Operation) -> list[str]:
    return [str(one) for one in sentences(Operations(list(operations)))]


def test_a_retrain_names_the_steps_by_which_the_new_deployment_takes_over() -> None:
    run = Operation(
        "update", "urn:pulumi:dev::p::mledge:docker:Image::wear", {"contextDigest": "1"}, {"contextDigest": "2"}
    )
    new = {**OLD, "environmentId": UNKNOWN, "modelId": "/models/2", "digest": "2" * 64}
    version = Operation("update", f"{URN}mledge:ml:EnvironmentVersion::wear", {}, {})

    assert said(run, operation("update", OLD, new), version) == [
        "wear is built anew (code of the image changed): online endpoint changes over",
        "online endpoint wear changes over: a new deployment answers 100 golden requests and gets 10, 50, 100 % of the "
        "traffic, each held for 180 s; the old one serves meanwhile",
    ]


@pytest.mark.parametrize(
    ("op", "old", "new", "text"),
    [
        (
            "update",
            OLD,
            {**OLD, "instanceType": "Standard_DS3_v2", "traffic": [100.0], "holdSeconds": 5.0},
            "online endpoint wear changes over (instanceType Standard_DS2_v2 -> Standard_DS3_v2): "
            "m0123456789ab answers 100 golden requests and gets 100 % of the traffic, each held for "
            "5 s; the old one serves meanwhile",
        ),
        (
            "update",
            OLD,
            {**OLD, "instances": 3.0, "tags": {"project": "other"}},
            "online endpoint wear changes in place (instances 1 -> 3, project edgeway -> other): its traffic stays as "
            "it is",
        ),
        (
            "update",
            POD,
            {**POD, "cpu": 0.75, "traffic": [100.0]},
            "Kubernetes online endpoint wear changes over (cpu 0.5 -> 0.75): m0123456789ab answers 100 golden requests "
            "and gets 100 % of the traffic, each held for 180 s; the old one serves meanwhile",
        ),
        (
            "update",
            POD,
            {**POD, "caPem": UNKNOWN},
            "Kubernetes online endpoint wear changes in place: its traffic stays as it is",
        ),
        ("delete", POD, {}, "! Kubernetes online endpoint wear is DELETED: nothing answers at its address any more"),
        (
            "update",
            OLD,
            OLD,
            "online endpoint wear has other deployments or shares than the stack's: m0123456789ab answers 100 golden "
            "requests and gets 10, 50, 100 % of the traffic, each held for 180 s",
        ),
        ("create", {}, OLD, "online endpoint wear is new; its address is known when it is there"),
        ("delete", OLD, {}, "! online endpoint wear is DELETED: nothing answers at its address any more"),
        (
            "replace",
            OLD,
            {**OLD, "endpointId": "/f"},
            "online endpoint wear is deleted and made again: nothing answers at its address meanwhile",
        ),
    ],
)
def test_each_change_has_its_sentence(op: str, old: dict[str, Any], new: dict[str, Any], text: str) -> None:
    assert said(operation(op, old, new, deployment="m0123456789ab")) == [text]
