"""azure-eventhub, unmodified, over a WebSocket through the proxy."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from azure.eventhub import EventData, EventHubConsumerClient, TransportType
from azure.eventhub.exceptions import AuthenticationError, ConnectError
from azure.identity import DefaultAzureCredential
from azure.mgmt.iothub import IotHubClient

from standin.core.auth import SUBSCRIPTION_ID
from standin.iothub import D2CMessage, Hub
from standin.iothub.events.log import OFFSET_STEP
from standin.iothub.registry.identity import MANAGED_BY
from standin.iothub.registry.requests import IdentityRequest
from tests.standin.iothub.conftest import AzureHub, hubs_of, make_hub
from tests.standin.iothub.signing import sign
from tests.standin.running import RunningStandin
from tests.waiting import DEADLINE_S

pytestmark = [
    pytest.mark.slow,
    # websocket-client 1.9.0 and azure-eventhub leave sockets of failed attempts to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]

DEVICE = "edge-01"


@pytest.fixture(scope="module", autouse=True)
def quick_turns() -> Iterator[None]:
    """azure-eventhub's `receive` spins until its other thread has claimed a partition; with the stand-in in the same
    process, each turn of a spinning thread holds up everything else."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture(scope="module")
def azure_hub(standin: RunningStandin) -> Iterator[AzureHub]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in standin.environment.items():
            patch.setenv(name, value)
        made = make_hub("readable")
        in_hub(standin, made, lambda hub: registered(hub))
        yield made


def registered(hub: Hub) -> None:
    with hub.transaction():
        hub.registry.put_device(DEVICE, IdentityRequest(edge=True), None)
    hub.ensure_module(DEVICE, "scorer", MANAGED_BY)


def in_hub(standin: RunningStandin, azure_hub: AzureHub, call: Callable[[Hub], Any]) -> Any:
    def run(_: Any) -> Any:
        hub = hubs_of(standin).get(azure_hub.host)
        assert hub is not None
        return call(hub)

    return standin.do(run)


def consumer(
    azure_hub: AzureHub, environment: Mapping[str, str], *, group: str = "$Default", **more: Any
) -> EventHubConsumerClient:
    text = more.pop("text", None) or azure_hub.event_hub_string()
    return EventHubConsumerClient.from_connection_string(
        text,
        group,
        transport_type=TransportType.AmqpOverWebsocket,
        connection_verify=environment["SSL_CERT_FILE"],
        retry_backoff_factor=0.02,
        **more,
    )


@contextmanager
def reading(client: EventHubConsumerClient, **how: Any) -> Iterator[tuple[list[EventData], list[Exception]]]:
    """Received events and errors, growing while the block runs."""
    events: list[EventData] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            client.receive_batch(
                lambda _, batch: events.extend(batch),
                on_error=lambda _, error: errors.append(error),
                max_wait_time=0.2,
                **how,
            )
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield events, errors
    finally:
        client.close()
        thread.join(timeout=DEADLINE_S)
        assert not thread.is_alive()


def until(condition: Callable[[], object], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        pause.wait(0.02)


BIG = bytes(range(256)) * 900
NUMBERS = [str(number) for number in range(5)]


@dataclass(frozen=True)
class Harvest:
    """What several clients read at the same time; one at a time would take seconds each."""

    first: int
    """Sequence number of the first message that was sent for it."""
    generation: str
    events: Mapping[str, list[EventData]]
    errors: Mapping[str, list[Exception]]


def numbered(hub: Hub, bodies: Sequence[str]) -> int:
    """-> the sequence number of the first."""
    messages = [
        D2CMessage(
            body=body.encode(),
            system={"messageId": f"id-{body}", "contentType": "application/json", "contentEncoding": "utf-8"},
            properties={"AzureMLResponse": "OK", "model": "0123456789ab"},
        )
        for body in bodies
    ]
    first = hub.log.state(hub.log.partition_of(DEVICE)).last_sequence + 1
    hub.append(DEVICE, "scorer", messages)
    return first


def post_event(standin: RunningStandin, azure_hub: AzureHub) -> int:
    """One message over HTTPS, as a device without MQTT sends it."""
    key = in_hub(standin, azure_hub, lambda hub: hub.registry.get(DEVICE, "scorer").primary_key)
    resource = f"{azure_hub.host}/devices/{DEVICE}/modules/scorer"
    headers = {
        "Authorization": sign(resource, key),
        "iothub-app-model": "abc",
        "iothub-messageid": "m1",
        "iothub-contenttype": "application/json",
    }
    url = f"https://{resource}/messages/events?api-version=2020-03-13"
    return requests.post(url, data=b'{"t":1}', headers=headers, timeout=DEADLINE_S).status_code


@pytest.fixture(scope="module")
def harvest(standin: RunningStandin, azure_hub: AzureHub, tmp_path_factory: pytest.TempPathFactory) -> Harvest:
    environment = standin.environment
    partition = str(in_hub(standin, azure_hub, lambda hub: hub.log.partition_of(DEVICE)))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with DefaultAzureCredential() as credential, IotHubClient(credential, SUBSCRIPTION_ID) as client:
            create = client.iot_hub_resource.create_event_hub_consumer_group
            for group in ("monitor", "owned"):
                create("rg", azure_hub.name, "events", group, {"properties": {"name": group}})
        in_hub(standin, azure_hub, lambda hub: numbered(hub, ["before"]))
        clear = threading.Event()
        clear.wait(0.005)  # the client cuts a start time to milliseconds: the next message must be in a later one
        since = datetime.now(UTC)
        clear.wait(0.005)
        first = in_hub(standin, azure_hub, lambda hub: numbered(hub, NUMBERS))
        in_hub(standin, azure_hub, lambda hub: hub.append(DEVICE, None, [D2CMessage(body=BIG)]))
        assert post_event(standin, azure_hub) == 204
        starts: dict[str, dict[str, Any]] = {
            "after a number": {"starting_position": first - 1, "track_last_enqueued_event_properties": True},
            "after an offset": {"starting_position": str((first - 1) * OFFSET_STEP), "group": "monitor"},
            "all": {"starting_position": "-1"},
            "since a time": {"starting_position": since, "group": "owned", "owner_level": 1, "retry_total": 0},
        }
        with ExitStack() as stack:
            readers, clients = {}, []

            def read(name: str, *, group: str = "$Default", retry_total: int = 3, **how: Any) -> None:
                clients.append(consumer(azure_hub, environment, group=group, retry_total=retry_total))
                readers[name] = stack.enter_context(reading(clients[-1], partition_id=partition, **how))

            for name, how in starts.items():
                read(name, **how)
            until(lambda: all(len(events) >= 7 or errors for events, errors in readers.values()))
            taking: dict[str, Any] = {"group": "owned", "owner_level": 5}
            read("from a number", starting_position=first, starting_position_inclusive=True, **taking)
            until(lambda: len(readers["from a number"][0]) >= 7)
            in_hub(standin, azure_hub, lambda hub: numbered(hub, ["live"]))
            until(lambda: all(errors or events[-1].message_id == "id-live" for events, errors in readers.values()))
            with ThreadPoolExecutor(len(clients)) as pool:
                list(pool.map(EventHubConsumerClient.close, clients))
        generation = in_hub(standin, azure_hub, lambda hub: hub.registry.get(DEVICE, "scorer").generation_id)
        return Harvest(
            first=first,
            generation=generation,
            events={name: events for name, (events, _) in readers.items()},
            errors={name: errors for name, (_, errors) in readers.items()},
        )


def test_only_the_reader_whose_partition_was_taken_met_an_error(harvest: Harvest) -> None:
    assert {name for name, errors in harvest.errors.items() if errors} == {"since a time"}, harvest.errors
    assert "amqp:link:stolen" in str(harvest.errors["since a time"][0])


@pytest.mark.parametrize("start", ["after a number", "after an offset", "from a number"])
def test_a_reader_starts_where_it_says_and_follows_what_comes(harvest: Harvest, start: str) -> None:
    numbers = [event.sequence_number for event in harvest.events[start]]
    assert numbers == list(range(harvest.first, harvest.first + 8))


def test_a_reader_starts_at_the_time_it_says(harvest: Harvest) -> None:
    numbers = [event.sequence_number for event in harvest.events["since a time"]]
    assert numbers == list(range(harvest.first, harvest.first + 7))


def test_a_reader_from_the_beginning_gets_everything(harvest: Harvest) -> None:
    events = harvest.events["all"]
    assert [event.sequence_number for event in events] == list(range(harvest.first + 8))
    assert events[harvest.first - 1].body_as_str() == "before"


def test_a_message_comes_with_what_the_hub_says_of_its_sender(harvest: Harvest) -> None:
    event = harvest.events["after a number"][2]
    assert (event.body_as_str(), event.message_id, event.content_type) == ("2", "id-2", "application/json")
    assert event.properties == {b"AzureMLResponse": b"OK", b"model": b"0123456789ab"}
    system = event.system_properties
    assert system[b"iothub-connection-device-id"] == DEVICE.encode()
    assert system[b"iothub-connection-module-id"] == b"scorer"
    assert system[b"iothub-connection-auth-generation-id"] == harvest.generation.encode()
    assert system[b"iothub-message-source"] == b"Telemetry"
    assert b'"scope":"module"' in system[b"iothub-connection-auth-method"]
    assert event.partition_key == DEVICE.encode()
    assert event.enqueued_time is not None
    assert abs(event.enqueued_time - datetime.now(UTC)) < timedelta(minutes=2)


def test_a_large_message_arrives_whole(harvest: Harvest) -> None:
    parts: Any = harvest.events["all"][harvest.first + 5].body
    assert b"".join(parts) == BIG


def test_a_message_sent_over_https_is_read(harvest: Harvest) -> None:
    event = harvest.events["all"][harvest.first + 6]
    assert (event.body_as_str(), event.message_id, event.properties) == ('{"t":1}', "m1", {b"model": b"abc"})


def test_the_endpoint_tells_its_partitions(
    standin: RunningStandin, azure_hub: AzureHub, environment: Mapping[str, str]
) -> None:
    number, last = in_hub(standin, azure_hub, lambda hub: (hub.log.partition_of(DEVICE), numbered(hub, ["x"])))
    with consumer(azure_hub, environment) as client:
        assert client.get_eventhub_properties()["partition_ids"] == ["0", "1"]
        mine = client.get_partition_properties(str(number))
    assert (mine["last_enqueued_sequence_number"], mine["is_empty"]) == (last, False)


@pytest.mark.parametrize(
    ("change", "kind", "text"),
    [
        ({"key": "d3Jvbmc="}, AuthenticationError, "CBS Token authentication failed"),
        ({"policy": "registryRead"}, AuthenticationError, "CBS Token authentication failed"),
        ({"path": "other"}, ConnectError, "404"),
    ],
)
def test_who_may_not_read_is_told_so(
    azure_hub: AzureHub, environment: Mapping[str, str], change: dict[str, str], kind: type[Exception], text: str
) -> None:
    path = change.get("path", azure_hub.path)
    connection = azure_hub.event_hub_string(change.get("policy", "service"), change.get("key"))
    connection = connection.replace(f"EntityPath={azure_hub.path}", f"EntityPath={path}")
    with consumer(azure_hub, environment, text=connection, retry_total=0) as client, pytest.raises(kind, match=text):
        client.get_partition_ids()
