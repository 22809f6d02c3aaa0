"""Container groups through azure-mgmt-containerinstance, and what the tests run in them."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.standin.containerregistry.cloud import GROUP, LOCATION, Cloud
from tests.waiting import DEADLINE_S

BASE = "python:3.11-slim-bookworm"

# Answers every GET with what an environment variable holds; /down turns it into 503s; /crash ends the process.
WEB = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    down = False
    def do_GET(self):
        if self.path == "/crash": os._exit(3)
        if self.path == "/down": Handler.down = True
        self.send_response(503 if Handler.down else 200); self.end_headers()
        self.wfile.write(os.environ.get("ANSWER", "").encode())
    def log_message(self, *a): print("asked", self.path, flush=True)
http.server.ThreadingHTTPServer(("", int(os.environ.get("PORT", "80"))), Handler).serve_forever()
"""

# Asks the container next door until it answers.
ASKER = """
import time, urllib.request
while True:
    try:
        print(urllib.request.urlopen("http://127.0.0.1:80/").read(), flush=True)
        break
    except OSError:
        time.sleep(0.1)
time.sleep(99)
"""

# Shows a secret file: value, mode and owner.
READER = """
import pathlib, time
file = pathlib.Path("/secrets/key")
print(file.read_text(), oct(file.stat().st_mode), file.stat().st_uid, flush=True)
time.sleep(99)
"""

# Fails the first time, succeeds the second.
SECOND_TRY = """
import pathlib
file = pathlib.Path("/tmp/was-here")
if file.exists(): raise SystemExit(0)
file.touch()
raise SystemExit(1)
"""

WEB_WITH_SECRET = 'import os; os.environ["ANSWER"] = open("/secrets/key").read()' + WEB


def container(name: str = "web", *, script: str = WEB, image: str = BASE, **properties: Any) -> dict[str, Any]:
    resources = {"requests": {"cpu": 0.5, "memoryInGB": 0.5}}
    command = ["python", "-c", script] if script else None
    return {"name": name, "properties": {"image": image, "command": command, "resources": resources, **properties}}


def body(*containers: Mapping[str, Any], ports: tuple[int, ...] = (80,), **more: Any) -> dict[str, Any]:
    identity, tags = more.pop("identity", None), more.pop("tags", None)
    address = {"type": "Public", "ports": [{"port": port, "protocol": "TCP"} for port in ports]}
    address |= more.pop("address", {})
    properties = {
        "osType": "Linux",
        "containers": list(containers),
        **({"ipAddress": address} if ports else {}),
        **more,
    }
    whole = {"location": LOCATION, "properties": properties, "identity": identity, "tags": tags}
    return {key: value for key, value in whole.items() if value is not None}


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Group:
    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloud = cloud
        self.name = name
        self._client = cloud.containers.container_groups

    def put(self, **body: Any) -> Any:
        return self._client.begin_create_or_update(GROUP, self.name, body).result()

    def get(self) -> Any:
        return self._client.get(GROUP, self.name)

    def delete(self) -> None:
        self._client.begin_delete(GROUP, self.name).result()

    def start(self) -> None:
        self._client.begin_start(GROUP, self.name).result()

    def restart(self) -> None:
        self._client.begin_restart(GROUP, self.name).result()

    def stop(self) -> None:
        self._client.stop(GROUP, self.name)

    def logs(self, container: str = "web", **options: Any) -> str:
        return str(self.cloud.containers.containers.list_logs(GROUP, self.name, container, **options).content)

    def docker_containers(self) -> list[Any]:
        """Its own containers in Docker, the pause container aside."""
        labels = [f"edgeway.standin={self.cloud.standin.base.docker.instance}", "edgeway.container"]
        listed = self.cloud.engine.containers.list(all=True, filters={"label": labels})
        return [each for each in listed if f"aci-{self.name}-" in str(each.name)]

    def view(self, container: str = "web") -> Any:
        found = next(each for each in self.get().containers if each.name == container)
        return found.instance_view


def until(condition: Callable[[], object], what: str, seconds: float = DEADLINE_S, pause: float = 0.1) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(pause)
