"""The type over an endpoint behind ARM; what it asks of a deployment is in test_probes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from cloud.operation import Operation
from contracts.card import Golden
from infra.provider.services.online.probes import Target
from infra.provider.types import OnlineModel
from pluginbase.diff import Change
from pluginbase.resource import Gone, Properties, ProviderError
from pluginbase.values import UNKNOWN
from tests.infra.provider.online.fake_azure import ENDPOINT, FakeAzure
from tests.infra.provider.recorder import Recorder, refused
from tests.infra.test_bodies import lost, read_back

WORKSPACE = ENDPOINT.partition("/onlineEndpoints")[0]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> FakeAzure:
    fake = FakeAzure()
    monkeypatch.setattr("cloud.arm._send", fake.send)
    return fake


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch, endpoint: FakeAzure) -> Iterator[list[tuple[str, int, float]]]:
    """Deployment, its share and the time, of each time that one is asked."""
    asked: list[tuple[str, int, float]] = []

    def probe(_: Operation, target: Target, golden: Sequence[Golden], count: int, seconds: float, what: str) -> None:
        assert (target.key, count, [one.name for one in golden]) == ("canary-key", 7, ["one"])
        asked.append((target.deployment, endpoint.traffic.get(target.deployment, 0), seconds))
        properties = endpoint.deployments[target.deployment]["properties"]
        if properties["environmentVariables"].get("WRONG"):
            raise ProviderError(f"{what} answers otherwise")

    monkeypatch.setattr("infra.provider.services.online.endpoint.probe", probe)
    yield asked


def other(inputs: Properties, **more: Any) -> Properties:
    return {**inputs, **more}


def created(model: tuple[OnlineModel, Properties]) -> tuple[str, Properties]:
    kind, inputs = model
    return kind.create(Recorder(), inputs)


def test_the_first_deployment_gets_all_of_the_traffic_once_it_has_answered(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties]
) -> None:
    id, state = created(model)

    name = state["deployment"]
    assert (id, state["shares"], endpoint.traffic) == (ENDPOINT, {name: 100}, {name: 100})
    assert state["scoringUri"] == "https://ep-anomaly.westeurope.inference.ml.azure.com/score"
    assert probed == [(name, 0, 0)]
    assert endpoint.writes == [f"PUT /deployments/{name}", "PUT /"]
    assert "canary" not in json.dumps(state)


def test_another_environment_is_a_deployment_beside_the_old_one_that_gets_the_traffic_by_steps(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties]
) -> None:
    id, state = created(model)
    old, (kind, inputs) = state["deployment"], model
    probed.clear()
    news = other(inputs, environmentId=f"{WORKSPACE}/environments/anomaly-scoring/versions/2")

    changed = kind.update(Recorder(), id, inputs, news, state)

    new = changed["deployment"]
    assert old != new
    assert probed == [(new, 0, 0), (new, 10, 5), (new, 50, 5), (new, 100, 5)]
    assert (endpoint.traffic, list(endpoint.deployments)) == ({new: 100}, [new])
    # what the endpoint was before is what it is
    assert endpoint.endpoint and endpoint.endpoint["properties"]["properties"] == {"createdBy": "edgeway"}
    assert kind.diff(Recorder(), id, news, news, changed) == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_microsofts_models_understand_all_of_every_body(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties]
) -> None:
    created(model)

    assert [token for token, _ in endpoint.put] == [
        f"machinelearningservices:Online{one}" for one in ("Deployment", "Endpoint")
    ]
    for token, body in endpoint.put:
        assert list(lost(body, read_back(token, body))) == []


def test_a_deployment_that_answers_otherwise_is_taken_back_with_its_last_lines_told(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties]
) -> None:
    id, state = created(model)
    kind, inputs = model
    news = other(inputs, environmentVariables={"SCORING_PORT": "5001", "WRONG": "1"})

    with pytest.raises(ProviderError) as failure:
        kind.update(Recorder(), id, inputs, news, state)

    text = str(failure.value)
    assert "before its first traffic answers otherwise" in text
    assert "    the model does not load" in text
    assert text.endswith(f"of the traffic {state['deployment']} has 100 % as before, {_named(kind, news)} is removed")
    assert list(endpoint.deployments) == [state["deployment"]]
    assert kind.diff(Recorder(), id, inputs, inputs, state) == []


def test_a_deployment_that_does_not_come_up_is_removed_with_its_last_lines_told(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties]
) -> None:
    kind, inputs = model
    endpoint.failing.add(inputs["environmentId"])

    with pytest.raises(ProviderError, match=r"did not come up: .*failed(.|\n)*the model does not load"):
        kind.create(Recorder(), inputs)

    assert (endpoint.deployments, endpoint.traffic) == ({}, {})


def test_tags_and_instances_change_in_place_and_touch_no_traffic(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties]
) -> None:
    id, state = created(model)
    kind, inputs = model
    name = state["deployment"]
    endpoint.writes.clear()
    probed.clear()

    changed = kind.update(Recorder(), id, inputs, other(inputs, tags={"owner": "x"}, instances=3), state)

    assert endpoint.writes == ["PATCH /", f"PUT /deployments/{name}"]
    assert (changed["deployment"], probed) == (name, [])
    assert endpoint.endpoint and endpoint.endpoint["tags"] == {"owner": "x"}
    assert endpoint.deployments[name]["sku"]["capacity"] == 3


@pytest.mark.parametrize(
    ("traffic", "told"),
    [({}, "of the traffic of ep-anomaly nobody any is given, where {} should have all"), (None, "{} has another mark")],
)
def test_what_somebody_changed_by_hand_is_told_and_put_right(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties], traffic: Any, told: str
) -> None:
    id, state = created(model)
    kind, inputs = model
    assert endpoint.endpoint
    name = state["deployment"]
    if traffic is None:
        endpoint.deployments[name]["tags"] = {}
    else:
        endpoint.endpoint["properties"]["traffic"] = traffic
    ctx = Recorder()

    assert kind.diff(ctx, id, inputs, inputs, state) == [Change(("shares",), "update")]
    assert ctx.logs == [f"{told.format(name)}; `up` puts that right"]
    changed = kind.update(Recorder(), id, inputs, inputs, state)
    assert kind.diff(Recorder(), id, inputs, inputs, changed) == []


def test_a_refresh_shows_shares_and_instances_as_they_are(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties]
) -> None:
    id, state = created(model)
    kind, inputs = model
    name = state["deployment"]
    assert endpoint.endpoint
    assert kind.read(Recorder(), id, inputs, state) == (id, inputs, state)

    endpoint.deployments["blue"] = {**endpoint.deployments[name], "name": "blue"}
    endpoint.endpoint["properties"]["traffic"] = {name: 60, "blue": 40}
    endpoint.deployments[name]["sku"]["capacity"] = 4
    # as ARM may spell them
    endpoint.deployments[name]["properties"]["environmentId"] = inputs["environmentId"].lower()
    endpoint.deployments[name]["properties"]["environmentVariables"]["AZUREML_OF_AZURE"] = "1"
    _, live, outputs = kind.read(Recorder(), id, inputs, state)

    assert live == {**inputs, "instances": 4}
    assert (outputs["deployment"], outputs["shares"]) == (name, {name: 60, "blue": 40})


def test_a_refresh_finds_what_an_up_that_died_has_made(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties]
) -> None:
    id, state = created(model)
    kind, inputs = model
    news = other(inputs, instanceType="Standard_DS3_v2")
    changed = kind.update(Recorder(), id, inputs, news, state)

    # the state was not written
    _, live, outputs = kind.read(Recorder(), id, inputs, state)
    assert (live, outputs["deployment"]) == (news, changed["deployment"])


def test_an_endpoint_that_is_gone_or_has_no_deployment_is_gone(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties]
) -> None:
    id, state = created(model)
    kind, inputs = model

    endpoint.deployments.clear()
    with pytest.raises(Gone):
        kind.read(Recorder(), id, inputs, state)
    endpoint.endpoint = None
    with pytest.raises(Gone):
        kind.read(Recorder(), id, inputs, state)
    with pytest.raises(Gone):
        kind.delete(Recorder(), id, inputs, state)


def test_a_delete_takes_the_traffic_away_and_removes_its_own(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties]
) -> None:
    id, state = created(model)
    kind, inputs = model
    endpoint.deployments["blue"] = {**endpoint.deployments[state["deployment"]], "name": "blue"}

    kind.delete(Recorder(), id, inputs, {**state, "mark": "of another row"})
    assert state["deployment"] in endpoint.deployments
    kind.delete(Recorder(), id, inputs, state)
    assert (endpoint.traffic, list(endpoint.deployments)) == ({}, ["blue"])


def test_a_preview_names_the_deployment_where_all_that_it_is_of_is_known(
    endpoint: FakeAzure, probed: list[Any], model: tuple[OnlineModel, Properties]
) -> None:
    kind, inputs = model
    _, state = created(model)

    assert kind.preview_outputs(Recorder(), {**inputs, "tags": UNKNOWN})["deployment"] == state["deployment"]
    assert "deployment" not in kind.preview_outputs(Recorder(), {**inputs, "environmentId": UNKNOWN})


@pytest.mark.parametrize("traffic", [[], [10, 50], [50, 10, 100], [0, 100], [100, 100]])
def test_shares_that_do_not_rise_to_100_are_refused(model: tuple[OnlineModel, Properties], traffic: list[int]) -> None:
    (failure,) = refused(model[0], {**model[1], "traffic": traffic})
    assert str(failure.reason) == f"{traffic} is refused; shares in percent that rise to 100 are wanted"


@pytest.mark.parametrize(
    "change",
    [
        {"environmentId": "/e/2"},
        {"modelId": "/m/2"},
        {"instanceType": "Standard_DS3_v2"},
        {"environmentVariables": {}},
        {"requestTimeoutSeconds": 4},
        {"concurrentRequests": 1},
    ],
)
def test_what_azure_does_not_change_in_place_is_another_name(
    model: tuple[OnlineModel, Properties], change: Properties
) -> None:
    kind, inputs = model
    assert _named(kind, inputs) != _named(kind, other(inputs, **change))
    in_place = {"instances": 2, "tags": {}, "traffic": [100], "holdSeconds": 1, "probes": 1, "digest": "0" * 64}
    assert _named(kind, inputs) == _named(kind, other(inputs, **in_place))


def _named(kind: OnlineModel, inputs: Properties) -> str:
    name: str = kind.preview_outputs(Recorder(), inputs)["deployment"]
    return name
