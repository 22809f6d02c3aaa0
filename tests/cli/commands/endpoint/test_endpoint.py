"""`edgeway endpoint`, and a key that is asked for where it is used, over an endpoint behind ARM."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from cli import online
from cli.__main__ import main
from cli.commands.endpoint import logs, show, traffic
from cli.commands.scoring import invoke
from cli.errors import Refused
from cli.scoring import client
from cli.scoring.client import Answer
from cli.stack.outputs import Outputs
from tests.cli.conftest import VALUES
from tests.infra.provider.online.fake_azure import ENDPOINT, FakeAzure

OWN, OTHER = "m0123456789ab", "blue"
ONLINE = {
    "url": "https://ep-anomaly.westeurope.inference.ml.azure.com/score",
    "model": "anomaly",
    "version": "a" * 12,
    "endpointId": ENDPOINT,
    "deployment": OWN,
}


@pytest.fixture
def arm(monkeypatch: pytest.MonkeyPatch) -> FakeAzure:
    fake = FakeAzure()
    monkeypatch.setattr("cloud.arm._send", fake.send)
    for name in (OWN, OTHER):
        fake.deployments[name] = {
            "name": name,
            "sku": {"name": "Default", "capacity": 2},
            "properties": {
                "provisioningState": "Succeeded",
                "instanceType": "Standard_DS2_v2",
                "model": "/w/models/anomaly/versions/aaaa",
                "environmentId": "/w/environments/anomaly-scoring/versions/bbbb",
            },
        }
    assert fake.endpoint
    fake.endpoint["properties"]["traffic"] = {OWN: 100}
    return fake


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has an online endpoint beside a container group, unless told otherwise."""

    def has(**others: Any) -> None:
        scoring = {**VALUES["scoring"], "anomaly-online": ONLINE}
        values = Outputs("local", {**VALUES, "scoring": scoring, **others})
        for module in (logs, show, traffic, invoke):
            monkeypatch.setattr(module, "outputs", lambda stack, secrets=False: values)
        monkeypatch.setattr(online, "enter", lambda stack: None)
        monkeypatch.setenv("COLUMNS", "120")

    has()
    return has


@pytest.mark.usefixtures("arm", "stack")
def test_show_tells_each_deployment_with_its_share(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["endpoint", "show"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ep-anomaly: Succeeded, https://ep-anomaly.westeurope.inference.ml.azure.com/score",
        "    0 %  blue  Succeeded, 2 x Standard_DS2_v2, model anomaly:aaaa, anomaly-scoring:bbbb",
        f"  100 %  {OWN}  Succeeded, 2 x Standard_DS2_v2, model anomaly:aaaa, anomaly-scoring:bbbb",
    ]

    assert main(["endpoint", "show", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["asWanted"], [one["share"] for one in told["deployments"]]) == (True, [0, 100])


@pytest.mark.usefixtures("stack")
def test_show_tells_what_each_replica_has_in_kubernetes(arm: FakeAzure, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {"containerResourceRequests": {"cpu": "0.5", "memory": "1024Mi"}}
    more = {"instanceType": "defaultinstancetype", "containerResourceRequirements": asked}
    arm.deployments[OWN]["properties"].update(more)
    assert main(["endpoint", "show"]) == 0
    assert f"100 %  {OWN}  Succeeded, 2 x 0.5 CPU and 1024Mi of defaultinstancetype, model" in capsys.readouterr().out


@pytest.mark.usefixtures("stack")
def test_traffic_is_set_by_hand_at_once_and_show_says_then_that_it_is_not_as_the_stack_wants(
    arm: FakeAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["endpoint", "traffic"]) == 0
    assert capsys.readouterr().out == f"100 %  {OWN}\n"

    assert main(["endpoint", "traffic", f"{OWN}=40", f"{OTHER}=60"]) == 0
    assert arm.traffic == {OWN: 40, OTHER: 60}
    assert capsys.readouterr().out == f" 60 %  blue\n 40 %  {OWN}\n"

    assert main(["endpoint", "show"]) == 1
    assert f"the stack wants {OWN} alone to serve: `make up STACK=local` puts that right" in capsys.readouterr().out


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    ("shares", "told"),
    [
        (["m1"], "'m1' is refused; one <deployment>=<percent> for each is wanted, such as m0123456789ab=90"),
        ([f"{OWN}=50", f"{OWN}=50"], f"'{OWN}=50' is refused"),
        ([f"{OWN}=90"], f"{OWN}=90: 90 % together; 100 are wanted"),
        (["green=100"], f"there is no deployment 'green'; there are: blue, {OWN}"),
    ],
)
def test_shares_that_cannot_be_are_refused(
    arm: FakeAzure, shares: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["endpoint", "traffic", *shares]) == 2
    assert told in capsys.readouterr().err
    assert arm.writes == []


def test_on_production_shares_are_set_with_a_yes_only(
    arm: FakeAzure, stack: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    stack(environment="prod")

    assert main(["endpoint", "traffic", f"{OTHER}=100"]) == 2
    assert "is production" in capsys.readouterr().err
    assert main(["endpoint", "traffic", f"{OTHER}=100", "--yes"]) == 0
    assert arm.traffic == {OTHER: 100}


@pytest.mark.usefixtures("arm", "stack")
def test_logs_are_those_of_the_deployment_that_serves(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["endpoint", "logs"]) == 0
    assert capsys.readouterr().out == "first line\nthe model does not load\n"
    assert main(["endpoint", "logs", "--tail", "1"]) == 0
    assert capsys.readouterr().out == "the model does not load\n"

    assert main(["endpoint", "logs", "green"]) == 2
    assert "deployment green of endpoint ep-anomaly does not exist" in capsys.readouterr().err


@pytest.mark.usefixtures("arm")
@pytest.mark.parametrize(
    ("scoring", "arguments", "told"),
    [
        (VALUES["scoring"], [], "has no online endpoint: `endpoints: [{kind: online}]` makes one"),
        ({"a": ONLINE, "b": ONLINE}, [], "has 2: choose by --model a or --model b"),
        (
            {**VALUES["scoring"], "a": ONLINE},
            ["--model", "anomaly"],
            "'anomaly' is no online endpoint of the stack; there are: a",
        ),
    ],
)
def test_an_endpoint_that_is_not_there_or_not_named_is_refused(
    stack: Callable[..., None], scoring: Any, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stack(scoring=scoring)

    assert main(["endpoint", "show", *arguments]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.usefixtures("arm", "stack")
def test_invoke_asks_azure_for_the_key_and_the_named_deployment_for_the_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Any] = []

    def score(endpoint: Any, key: str, body: Any, timeout: float, deployment: str | None = None) -> Answer:
        asked.append((endpoint.host, endpoint.address, endpoint.ca_pem, key, deployment))
        return Answer(200, {}, b'{"anomaly": false}')

    monkeypatch.setattr(client, "score", score)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[1]")))

    assert main(["invoke", "--model", "anomaly-online", "--deployment", OWN]) == 0
    assert asked == [("ep-anomaly.westeurope.inference.ml.azure.com", None, None, "canary-key", OWN)]
    printed = capsys.readouterr()
    assert "canary" not in printed.out + printed.err


@pytest.mark.usefixtures("arm", "stack")
def test_a_container_group_has_no_deployments_to_choose_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[1]")))

    assert main(["invoke", "--model", "anomaly", "--deployment", OWN]) == 2
    with pytest.raises(Refused):
        online.endpoint_of(Outputs("local", VALUES), "anomaly")
