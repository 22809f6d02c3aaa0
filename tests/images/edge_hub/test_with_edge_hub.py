"""The senders and the scorer as processes, with Microsoft's device SDK, against the local stack's edge hub."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cli.rollout.drops import drops_of
from contracts.card import artifact_digest
from edge.manifest import LayerContent
from edge.senders import ReplaySettings, replay_layer
from models.anomaly.data import simulate, to_csv
from models.anomaly.model import Hyperparameters
from models.anomaly.train import build
from models.training import write_artifact
from standin.edgeruntime.hub.domain.queues.inbox import IN_FLIGHT
from standin.edgeruntime.iothub_port import EDGE_HUB_MODULE
from tests.images.scoring.conftest import NORMAL
from tests.ports import free_port
from tests.standin.edgeruntime.running_hub import DEVICE, ROUTES, Site, hub_desired, site
from tests.waiting import DEADLINE_S, eventually

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifact")
    write_artifact(folder, *build(to_csv(simulate()), Hyperparameters()))
    return folder


class Modules:
    def __init__(self, at: Site, artifact: Path) -> None:
        self._site = at
        self._artifact = artifact
        self._running: list[asyncio.subprocess.Process] = []

    async def sensor(self, **environment: str) -> asyncio.subprocess.Process:
        return await self._start("sensor", "images.sensor", environment)

    async def replay(self, module: str, rows: Path, **environment: str) -> asyncio.subprocess.Process:
        return await self._start(module, "images.replay", {"RowsFile": str(rows), **environment})

    async def scorer(self, module: str = "scorer") -> asyncio.subprocess.Process:
        environment = {
            "SCORING_ARTIFACT": str(self._artifact),
            "SCORING_PORT": str(free_port()),
            "SCORING_HOST": "127.0.0.1",
            "SCORING_SECRETS": "/nonexistent",
        }
        return await self._start(module, "bench.scoring.as_started", environment)

    async def stop(self, process: asyncio.subprocess.Process) -> tuple[int | None, str]:
        process.send_signal(signal.SIGTERM)
        _, log = await asyncio.wait_for(process.communicate(), DEADLINE_S)
        self._running.remove(process)
        return process.returncode, log.decode()

    async def kill(self) -> None:
        for process in self._running:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    async def _start(self, module: str, package: str, environment: dict[str, str]) -> asyncio.subprocess.Process:
        identity = self._site.hub.identity(DEVICE, module)
        assert identity is not None
        connection = (
            f"HostName={self._site.hub.host};GatewayHostName={self._site.address};DeviceId={DEVICE};"
            f"ModuleId={module};SharedAccessKey={identity.primary_key}"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", package),
            cwd=ROOT,
            env={
                **os.environ,
                "EdgeHubConnectionString": connection,
                "EdgeModuleCACertificateFile": str(self._site.config / "ca.pem"),
                **environment,
            },
            stderr=asyncio.subprocess.PIPE,
        )
        self._running.append(process)
        return process

    @property
    def upstream(self) -> list[dict[str, Any]]:
        """Bodies that reached the cloud, a message sent twice counted once."""
        bodies = {message.system["messageId"]: message.body for _, _, message in self._site.hub.messages}
        return [json.loads(body) for body in bodies.values()]


@contextlib.asynccontextmanager
async def modules(artifact: Path, second: LayerContent | None = None) -> AsyncIterator[tuple[Site, Modules]]:
    """Of the layer `anomaly`, and of a second one on the same device."""
    async with site() as at:
        if second is not None:
            for module in second.modules:
                at.hub.ensure_module(DEVICE, module, None)
            routes = {name: route.expression for name, route in second.routes.items()}
            at.hub.desire(DEVICE, EDGE_HUB_MODULE, hub_desired({**ROUTES, **routes}))
        await at.start_edge()
        running = Modules(at, artifact)
        try:
            yield at, running
        finally:
            await running.kill()


async def test_every_reading_arrives_scored_in_order_through_outage_and_restart(artifact: Path) -> None:
    async with modules(artifact) as (at, run):
        scorer = await run.scorer()
        sensor = await run.sensor(MessageDelay="00:00:00.02", MessageCount="150")
        await eventually(lambda: len(run.upstream) >= 20, what="the first messages")
        await at.stop_edge()
        await at.start_edge()
        await eventually(lambda: len(run.upstream) >= 60, what="messages after the outage")
        code, log = await run.stop(scorer)
        assert code == 0
        assert "that were accepted and not sent" not in log
        scorer = await run.scorer()
        await eventually(lambda: len({body["timeCreated"] for body in run.upstream}) == 150, what="all messages")
        # at least once, as edgeHub: what the scorer had and had not yet acknowledged when the hub went comes again
        arrived = [body["timeCreated"] for body in run.upstream]
        created = list(dict.fromkeys(arrived))
        assert created == sorted(created)
        assert len(arrived) - len(created) <= IN_FLIGHT
        assert all(isinstance(body["anomaly"], bool) for body in run.upstream)
        _, module, message = at.hub.messages[-1]
        assert module == "scorer"
        assert message.properties["AzureMLResponse"] == "OK"
        assert message.properties["model"] == artifact_digest(artifact)[:12]
        # the sensor's own properties survive the scoring
        assert message.properties["sequenceNumber"].isdigit()
        assert message.properties.keys() == {"AzureMLResponse", "model", "sequenceNumber", "batchId"}
        assert (message.system["contentType"], message.system["contentEncoding"]) == ("application/json", "utf-8")
        assert (await run.stop(sensor))[0] == 0
        assert (await run.stop(scorer))[0] == 0


async def test_a_scorer_that_is_killed_again_and_again_loses_no_message(artifact: Path) -> None:
    async with modules(artifact) as (_, run):
        await run.sensor(MessageDelay="00:00:00.005", MessageCount="300")
        for _ in range(2):
            scorer, before = await run.scorer(), len(run.upstream)
            await eventually(lambda before=before: len(run.upstream) >= before + 40, what="more messages")  # type: ignore[misc]
            scorer.kill()
            await scorer.wait()
        await run.scorer()
        await eventually(lambda: len(run.upstream) == 300, what="all messages")


async def test_the_sensors_twin_and_reset_method_work_through_the_hub(artifact: Path) -> None:
    async with modules(artifact) as (at, run):
        at.hub.desire(DEVICE, "sensor", {"SendInterval": 3600})
        await run.scorer()
        sensor = await run.sensor(MessageCount="-1")
        twin = at.hub.twin(DEVICE, "sensor")
        await eventually(lambda: twin.reported.get("SendInterval") == 3600, what="the first report")
        await eventually(lambda: len(run.upstream) == 1, what="the first message")
        at.hub.desire(DEVICE, "sensor", {"SendInterval": 0.01})
        await eventually(lambda: twin.reported.get("SendInterval") == 0.01, what="the report of the patch")
        await eventually(lambda: len(run.upstream) >= 80, what="messages at the new interval")
        reset = at.hub.invoke(DEVICE, "sensor", "reset", None)
        assert await asyncio.wait_for(reset.answer, DEADLINE_S) == (200, {"reset": True})
        unknown = at.hub.invoke(DEVICE, "sensor", "explode", None)
        assert (await asyncio.wait_for(unknown.answer, DEADLINE_S))[0] == 404

        def cooled_at_once() -> bool:
            """A machine that goes on changes by about a degree from reading to reading."""
            temperatures = [body["machine"]["temperature"] for body in run.upstream]
            return any(before > 45 and after < 25 for before, after in itertools.pairwise(temperatures))

        await eventually(cooled_at_once, what="a machine that begins again")
        assert (await run.stop(sensor))[0] == 0


async def test_two_layers_side_by_side_score_their_own_senders_messages_and_tell_what_they_drop(
    artifact: Path, tmp_path: Path
) -> None:
    plant = replay_layer(model="anomaly", layer="plant").content({"anomaly": "", "plant-replay": ""}, ReplaySettings())
    rows = [{**NORMAL, "timeCreated": f"row {number}"} for number in range(5)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, [*rows, {"speed": 1}])))
    async with modules(artifact, plant) as (at, run):
        for scorer in ("scorer", "plant-scorer"):
            await run.scorer(scorer)
        await run.replay("plant-replay", tmp_path / "rows.jsonl", MessageDelay="00:00:00.01", Loop="false")
        await run.sensor(MessageDelay="00:00:00.01", MessageCount="20")
        await eventually(lambda: len(run.upstream) == 25, what="all messages")
        twins = {name: at.hub.twin(DEVICE, name) for name in ("scorer", "plant-scorer")}
        await eventually(lambda: _dropped(twins["plant-scorer"]) == 1, what="the drop on the scorer's twin")

        sent_by = {name: [b for m, b in by_module(at) if m == name] for name in twins}
        assert [body["timeCreated"] for body in sent_by["plant-scorer"]] == [row["timeCreated"] for row in rows]
        assert len(sent_by["scorer"]) == 20
        assert _dropped(twins["scorer"]) == 0
        found = drops_of({"properties": {"reported": twins["plant-scorer"].reported}})
        assert found is not None and found.dropping
        assert (found.reasons, found.last_reason) == ({"BadRequest": 1}, "machine is missing")


def _dropped(twin: Any) -> Any:
    return twin.reported.get("dropped", {}).get("count")


def by_module(at: Site) -> list[tuple[str | None, dict[str, Any]]]:
    """Module and body, a message sent twice counted once."""
    once = {message.system["messageId"]: (module, json.loads(message.body)) for _, module, message in at.hub.messages}
    return list(once.values())
