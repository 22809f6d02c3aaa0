"""What a resource of ours talks to was deleted by hand: each type takes it as gone, in seconds, and says so.

The world of these tests is empty: ARM lists nothing and knows nothing, no name resolves, no port answers. Every type of
`infra.provider.types` is asked what the plans of the program have of it, so a new one is asked unseen.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clone.layout import Clone
from cloud.arm import Answer
from cloud.errors import ServiceError
from cloud.sessions import forget_sessions
from dryrun import ONLINE_STACK, Plan
from dryrun.computed import SUBSCRIPTION, computed
from infra.provider import types
from infra.provider.__main__ import resources
from infra.provider.types import Image, RegisteredModel, TrainingRun
from pluginbase.resource import Gone, OperationContext, PartialFailure, ProviderError, Resource
from tests.infra.test_provider_agrees import received

pytestmark = pytest.mark.slow

SOON_S = 20.0
LIST = re.compile(rf"https://management\.azure\.com/subscriptions/{SUBSCRIPTION}/providers/[\w.]+/\w+")
TYPES = sorted(one.token for one in resources())
OF_THIS_MACHINE = {"mledge:tls:Certificate", "mledge:secret:Key", "mledge:ml:TrainingRun", "mledge:azure:Purge"}
"""What a refresh cannot find gone: it lives in the state, or is an act that comes with the destroy."""


class Clock:
    """Time passes where somebody waits, and nowhere else."""

    def __init__(self) -> None:
        self.waited = 0.0
        self._began = time.monotonic()

    def monotonic(self) -> float:
        return self._began + self.waited

    def sleep(self, seconds: float) -> None:
        self.waited += max(seconds, 0.001)


class Operation(OperationContext):
    def __init__(self, clock: Clock, type_token: str, name: str) -> None:
        super().__init__(urn=f"urn:pulumi:local::edgeway::{type_token}::{name}")
        self._clock = clock

    def wait(self, seconds: float) -> None:
        self._clock.sleep(seconds)


def nobody(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def arm_of_nothing(what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
    if method == "GET" and LIST.fullmatch(url):
        return Answer(200, {}, {"value": []})
    raise ServiceError(what, 404, "ResourceGroupNotFound", "Resource group 'rg' could not be found.")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, planned: Callable[[str, str], Plan]) -> Iterator[Clock]:
    for stack in ("local", ONLINE_STACK):
        planned(stack, "up")  # in a process of its own, by the real clock
    clock = Clock()
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    monkeypatch.setattr("cloud.purge.monotonic", clock.monotonic)
    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    monkeypatch.setattr("cloud.arm._send", arm_of_nothing)
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    signed_in = SimpleNamespace(get_token=lambda *_, **__: SimpleNamespace(token="t", expires_on=2**31))
    for module in ("cloud.iot_hub.client", "cloud.machines.key_vault", "infra.provider.services.container_registry"):
        monkeypatch.setattr(f"{module}.credential", lambda: signed_in)
    forget_sessions()
    yield clock
    forget_sessions()


@pytest.fixture
def served(clone: Path) -> dict[str, Resource]:
    own = Clone(clone)
    return {one.token: one for one in [*resources(), TrainingRun(own), Image(own), RegisteredModel(own)]}


@pytest.fixture
def row(planned: Callable[[str, str], Plan], request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Name and inputs of one resource of the type, as a program plans it."""
    token = request.param
    plans = [planned(stack, "up")["resources"] for stack in ("local", ONLINE_STACK)]
    found = [one for plan in plans for one in plan if one["type"] == token]
    assert found, f"no plan has a {token}: its test wants inputs"
    return found[0]["name"], received(found[0]["inputs"])


def asked(token: str, name: str, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Id and state of what stood before."""
    state = {**inputs, **computed(token, name, inputs), "edgewayMark": "m"}
    if token == "mledge:ml:RegisteredModel":
        model = (
            f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w"
        )
        state["modelId"] = f"{model}/models/anomaly/versions/{state['version']}"
    host = {"mledge:iothub:DeviceIdentity": "deviceId", "mledge:iothub:EdgeDeployment": "name"}
    if token == "mledge:ml:OnlineModel":
        return inputs["endpointId"], state
    id = f"{inputs['hubHost']}/{inputs[host[token]]}" if token in host else f"{inputs.get('tokenId', name)}/passwords"
    return id, state


of_each_type = pytest.mark.parametrize(("token", "row"), [(one, one) for one in TYPES], indirect=["row"])


def test_every_type_is_asked() -> None:
    kinds = [kind for kind in vars(types).values() if isinstance(kind, type) and issubclass(kind, Resource)]
    assert sorted(kind.token for kind in kinds) == TYPES


@of_each_type
def test_a_refresh_finds_it_gone(
    clock: Clock, served: dict[str, Resource], token: str, row: tuple[str, dict[str, Any]]
) -> None:
    name, inputs = row
    id, state = asked(token, name, inputs)

    if token in OF_THIS_MACHINE:
        assert served[token].read(Operation(clock, token, name), id, inputs, state) == (id, inputs, state)
    else:
        with pytest.raises(Gone):
            served[token].read(Operation(clock, token, name), id, inputs, state)
    assert clock.waited < SOON_S


@of_each_type
def test_a_destroy_has_nothing_to_do(
    clock: Clock, served: dict[str, Resource], token: str, row: tuple[str, dict[str, Any]]
) -> None:
    name, inputs = row
    id, state = asked(token, name, inputs)

    with suppress(Gone):
        served[token].delete(Operation(clock, token, name), id, inputs, state)
    assert clock.waited < SOON_S


@of_each_type
def test_a_preview_and_a_change_end_soon_and_name_what_is_gone(
    clock: Clock,
    served: dict[str, Resource],
    token: str,
    row: tuple[str, dict[str, Any]],
) -> None:
    name, inputs = row
    id, state = asked(token, name, inputs)
    served[token].diff(Operation(clock, token, name), id, inputs, inputs, state)

    acts: list[Callable[[OperationContext], object]] = [
        lambda ctx: served[token].update(ctx, id, inputs, inputs, state),
        lambda ctx: served[token].create(ctx, inputs),
    ]
    for act in acts if token != "mledge:ml:TrainingRun" else ():  # which trains here, and talks to nobody
        try:
            act(Operation(clock, token, name))
        except (ProviderError, ServiceError, PartialFailure) as error:
            assert re.search(r"there is no \w+ \w+|\bis gone\b|404 ResourceGroupNotFound", str(error))
        except NotImplementedError:
            assert act is acts[0]
        assert clock.waited < SOON_S
        clock.waited = 0.0
