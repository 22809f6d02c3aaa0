"""A Docker engine in memory: of its client only what `standin.containers` calls."""

from __future__ import annotations

import itertools
import queue
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import IO, Any, cast

from docker.errors import APIError, ImageNotFound, NotFound

from standin.containers.docker_host import DockerHost

Filters = Mapping[str, Any] | None


class Thing:
    """A container, network or volume, as it is listed."""

    def __init__(self, name: str, labels: Mapping[str, str], of: dict[str, Thing]) -> None:
        self.id = self.name = name
        self.attrs: dict[str, Any] = {"Labels": dict(labels)}
        self._of = of
        of[name] = self

    def remove(self, **_: Any) -> None:
        self._of.pop(self.name, None)

    def carries(self, filters: Filters) -> bool:
        labels = self.attrs["Labels"]
        wanted = (filters or {}).get("label", [])
        pairs = (text.partition("=") for text in ([wanted] if isinstance(wanted, str) else wanted))
        return all(name in labels and (not equals or labels[name] == value) for name, equals, value in pairs)


class Stream:
    def __init__(self) -> None:
        self.events: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def close(self) -> None:
        self.events.put(None)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.events.get, None)


class Written(queue.Queue[bytes | None]):
    def close(self) -> None:
        self.put(None)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.get, None)


class FakeDocker:
    """`calls` tells in order what was done to containers: ("create", name), ("start", name), ..."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Thing]] = {"containers": {}, "networks": {}, "volumes": {}}
        self.bodies: dict[str, dict[str, Any]] = {}
        self.states: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        """Folder of the pause container -> the tar that was put there."""
        self.present: set[str] = set()
        """Images."""
        self.denied: set[str] = set()
        """Images that their registry does not give away."""
        self.output: dict[str, list[queue.Queue[bytes | None]]] = {}
        """Container -> the streams on which its output is read."""
        self.written: dict[str, bytes] = {}
        self.addresses: dict[str, str] = {}
        """Of containers that have a network of their own."""
        self.restarted: dict[str, int] = {}
        """How often Docker did so by itself."""
        self.succeeding: list[list[str]] = [["true"]]
        """Commands that end with 0 in every container; others end with 1."""
        self.calls: list[tuple[str, str]] = []
        self.stream = Stream()
        self.cgroups = "1"
        self._clock = itertools.count(1)
        self.containers, self.networks, self.volumes = (_Listing(self, kind) for kind in self.things)
        self.images = _Images(self)
        self.api = _Api(self)

    def info(self) -> dict[str, Any]:
        return {"NCPU": 2, "CgroupVersion": self.cgroups}

    def events(self, **_: Any) -> Stream:
        return self.stream

    def close(self) -> None:
        return None

    def start(self, name: str) -> None:
        self._known(name)
        self.calls.append(("start", name))
        self.states[name] = {"Running": True, "Status": "running", "ExitCode": 0, "StartedAt": f"t{next(self._clock)}"}
        self.tell("start", name)

    def end(self, name: str, code: int = 0) -> None:
        self.states[name] |= {"Running": False, "Status": "exited", "ExitCode": code}
        for stream in self.output.get(name, ()):
            stream.put(None)
        self.tell("die", name, exitCode=str(code))

    def say(self, name: str, written: bytes) -> None:
        """What a container writes."""
        self.written[name] = self.written.get(name, b"") + written
        for stream in self.output.get(name, ()):
            stream.put(written)

    def tell(self, action: str, name: str, **attributes: str) -> None:
        labels = self.things["containers"][name].attrs["Labels"]
        self.stream.events.put({"Action": action, "Actor": {"Attributes": {**labels, "name": name, **attributes}}})

    def running(self) -> set[str]:
        return {name for name in self.things["containers"] if self.states[name]["Running"]}

    def _known(self, name: str) -> None:
        if name not in self.things["containers"]:
            raise NotFound(f"No such container: {name}")


class _Listing:
    def __init__(self, docker: FakeDocker, kind: str) -> None:
        self._docker = docker
        self._things = docker.things[kind]

    def list(self, *, filters: Filters = None, names: Any = (), **_: Any) -> list[Thing]:
        plain = [name.strip("^$") for name in names]
        things = list(self._things.values())
        return [thing for thing in things if thing.carries(filters) and (not plain or thing.name in plain)]

    def create(self, name: str, *, labels: Mapping[str, str], **_: Any) -> None:
        if name not in self._things:
            Thing(name, labels, self._things)

    def get(self, name: str) -> _Container:
        return _Container(self._docker, name)


class _Container:
    def __init__(self, docker: FakeDocker, name: str) -> None:
        docker._known(name)
        self._docker = docker

    def exec_run(self, command: list[str]) -> SimpleNamespace:
        return SimpleNamespace(exit_code=0 if command in self._docker.succeeding else 1)

    def put_archive(self, folder: str, tar: bytes | IO[bytes]) -> None:
        self._docker.files[folder] = tar if isinstance(tar, bytes) else tar.read()

    def get_archive(self, folder: str) -> tuple[list[bytes], None]:
        if folder not in self._docker.files:
            raise NotFound(folder)
        return [self._docker.files[folder]], None


class _Images:
    def __init__(self, docker: FakeDocker) -> None:
        self._docker = docker

    def get(self, name: str) -> object:
        if name not in self._docker.present:
            raise ImageNotFound(name)
        return SimpleNamespace(id=f"sha256:{name}")

    def get_registry_data(self, name: str, *, auth_config: Mapping[str, str]) -> None:
        if name in self._docker.denied:
            raise APIError("denied", explanation=f"{name}: denied to {auth_config['username']}")

    def remove(self, name: str) -> None:
        self._docker.present.discard(name)


class _Api:
    def __init__(self, docker: FakeDocker) -> None:
        self._docker = docker

    def inspect_container(self, name: str) -> dict[str, Any]:
        self._docker._known(name)
        body, state = self._docker.bodies[name], self._docker.states[name]
        network = body["HostConfig"]["NetworkMode"]
        return {
            "Id": name,
            "Config": {"Labels": body["Labels"], "User": ""},
            "State": dict(state),
            "RestartCount": self._docker.restarted.get(name, 0),
            "NetworkSettings": {"Networks": {network: {"IPAddress": self._docker.addresses.get(name, "")}}},
        }

    def pull(self, name: str, **_: Any) -> list[dict[str, str]]:
        self._docker.present.add(name)
        return []

    def create_container_from_config(self, body: dict[str, Any], name: str) -> dict[str, str]:
        assert name not in self._docker.things["containers"], f"{name} is there already"
        Thing(name, body["Labels"], self._docker.things["containers"])
        self._docker.bodies[name] = body
        self._docker.states[name] = {"Running": False, "Status": "created", "ExitCode": 0, "StartedAt": "0001-01-01"}
        self._docker.calls.append(("create", name))
        if not body["HostConfig"]["NetworkMode"].startswith("container:"):
            self._docker.addresses[name] = (
                f"127.9.{len(self._docker.addresses) // 250}.{len(self._docker.addresses) % 250 + 1}"
            )
        return {"Id": name}

    def start(self, name: str) -> None:
        if not self._docker.states.get(name, {}).get("Running"):
            self._docker.start(name)

    def restart(self, name: str, *, timeout: int) -> None:
        self._docker._known(name)
        self._docker.calls.append(("restart", name))
        self._docker.start(name)

    def stop(self, name: str, *, timeout: int) -> None:
        self._docker._known(name)
        self._docker.calls.append(("stop", name))
        self._docker.end(name)

    def remove_container(self, name: str, **_: Any) -> None:
        self._docker._known(name)
        self._docker.things["containers"].pop(name)

    def logs(self, name: str, *, tail: int | str = "all", stream: bool = False, **_: Any) -> Written | bytes:
        self._docker._known(name)
        if not stream:
            lines = self._docker.written.get(name, b"").splitlines(keepends=True)
            return b"".join(lines if isinstance(tail, str) else lines[max(0, len(lines) - tail) :])
        read = Written()
        if name in self._docker.written:
            read.put(self._docker.written[name])
        if self._docker.states[name]["Running"]:
            self._docker.output.setdefault(name, []).append(read)
        else:
            read.put(None)
        return read

    def import_image_from_data(self, tar: bytes, *, repository: str, tag: str, changes: list[str]) -> None:
        assert all(line.startswith(("CMD ", "LABEL ")) for line in changes)
        self._docker.present.add(f"{repository}:{tag}")


def docker_host(docker: FakeDocker) -> DockerHost:
    host = DockerHost("0123456789ab")
    host._client = cast(Any, docker)
    return host
