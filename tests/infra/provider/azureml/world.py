"""A workspace in a dict, whose jobs go on by one state each time somebody asks: in the place of ARM and of the SDK."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from cloud.arm import Answer
from cloud.errors import ServiceError

WORKSPACE = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
_JOB = re.compile(rf"{re.escape(WORKSPACE)}/jobs/([^/]+)(/cancel)?")
CARD = {
    "schema": 1, "name": "tiny", "framework": {}, "hyperparameters": {}, "seeds": {"split_seed": 0, "seed": 0},
    "data": {"sha256": "0" * 64, "rows": 1, "train": 1, "test": 1}, "metrics": {"accuracy": 0.9}, "thresholds": {},
    "input": {}, "output": {}, "golden": [], "licence": "MIT",
}  # fmt: skip


@dataclass
class FakeJob:
    states: list[str]
    """The last one stays."""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class World:
    jobs: dict[str, FakeJob] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    downloaded: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=lambda: ["Queued", "Running", "Completed"])
    """Of the next job that is sent."""
    lost_answers: int = 0
    """How many times a job is taken and the answer does not come back."""
    asked: Callable[[], None] = lambda: None
    """Called whenever a job's state is asked for."""

    def send(self, what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
        path = urlsplit(url).path
        if (found := _JOB.fullmatch(path)) is not None:
            return self._job(what, method, *found.groups())
        if path == f"{WORKSPACE}/jobs":
            return Answer(200, {}, {"value": [self._told(name, job.states[0]) for name, job in self.jobs.items()]})
        if path.startswith(f"{WORKSPACE}/computes/"):
            cluster = {"currentNodeCount": 0, "scaleSettings": {"maxNodeCount": 2}}
            return Answer(200, {}, {"properties": {"properties": cluster}})
        return Answer(200, {}, {"properties": {}})

    def _job(self, what: str, method: str, name: str, cancel: str | None) -> Answer:
        job = self.jobs.get(name)
        if job is None:
            raise ServiceError(what, 404, "UserError", f"The specified resource {name} was not found.")
        if cancel:
            self.cancelled.append(name)
            job.states = ["Canceled"]
            return Answer(202, {}, None)
        self.asked()
        return Answer(200, {}, self._told(name, job.states.pop(0) if len(job.states) > 1 else job.states[0]))

    def _told(self, name: str, state: str) -> dict[str, Any]:
        compute = f"{WORKSPACE}/computes/cpu-cluster"
        services = {"Studio": {"endpoint": f"https://ml.azure.com/runs/{name}"}}
        properties = {"status": state, "tags": self.jobs[name].tags, "computeId": compute, "services": services}
        return {"name": name, "properties": properties}

    def client(self) -> Any:
        """What the SDK's client does, as far as it is used."""
        data = SimpleNamespace(get=lambda name, version: SimpleNamespace(tags={"sha256": self.data_sha256}))
        jobs = SimpleNamespace(create_or_update=self._submit, download=self._download)
        return SimpleNamespace(data=data, jobs=jobs)

    data_sha256: str = ""

    def _submit(self, job: Mapping[str, Any]) -> None:
        name = str(job["name"])
        self.sent.append(name)
        self.jobs[name] = FakeJob(list(self.states), dict(job["tags"]))
        if self.lost_answers:
            self.lost_answers -= 1
            raise ServiceError(f"job {name}", 0, "", "connection reset")

    def _download(self, name: str, *, download_path: str, output_name: str) -> None:
        self.downloaded.append(name)
        folder = Path(download_path) / "named-outputs" / output_name
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(b"onnx")
        (folder / "score.py").write_text("")
        (folder / "card.json").write_text(json.dumps(CARD))
