"""One container that runs once, and the network that is its own. Nothing is decided here."""

from __future__ import annotations

from typing import IO, Any

from standin.containers import engine
from standin.containers.docker_host import KIND_LABEL, DockerHost
from standin.containers.errors import NotInEngine
from standin.containers.job.spec import Job, Seen

_LABEL = "edgeway.job"
_GIB = 1024**3
_STOP_SECONDS = 5
"""From SIGTERM to SIGKILL."""
_MAX_LOG = "64m"
_MAX_PROCESSES = 4096


async def create(docker: DockerHost, job: Job, files: IO[bytes]) -> None:
    """Makes the container with `files`, a tar, unpacked at its root; what an earlier process made of it goes first."""
    await remove(docker, job.name)
    await engine.ensure_network(docker, job.name, docker.labels(job.kind, job=job.name))
    await engine.create(docker, job.name, _body(docker, job, await engine.cores(docker)), start=False)
    await engine.put_files(docker, job.name, "/", files)


async def start(docker: DockerHost, name: str) -> None:
    await engine.start(docker, name)


async def look(docker: DockerHost, name: str) -> Seen | None:
    """None: there is no such container."""
    try:
        state = (await engine.inspect(docker, name))["State"]
    except NotInEngine:
        return None
    return Seen(
        started=not str(state["StartedAt"]).startswith("0001"),
        running=bool(state["Running"]),
        exit_code=int(state["ExitCode"]),
        out_of_memory=bool(state.get("OOMKilled")),
    )


async def end(docker: DockerHost, name: str) -> None:
    await engine.stop(docker, name, timeout_seconds=_STOP_SECONDS)


async def fetch(docker: DockerHost, name: str, path: str, into: IO[bytes]) -> bool:
    """Writes a tar of the path, whose entries begin with its last word; False: there is no such path."""
    try:
        await engine.save_files(docker, name, path, into)
    except NotInEngine:
        return False
    return True


async def remove(docker: DockerHost, name: str) -> None:
    await engine.remove_labelled(docker, f"{_LABEL}={name}")


async def names(docker: DockerHost, kind: str) -> set[str]:
    """Of all of a kind of which anything is there."""
    return await engine.label_values(docker, _LABEL, f"{KIND_LABEL}={kind}")


def _body(docker: DockerHost, job: Job, cores: float) -> dict[str, Any]:
    return {
        "Image": job.image,
        "Entrypoint": list(job.command),
        "Cmd": [],
        "WorkingDir": job.folder,
        "Env": [f"{name}={value}" for name, value in job.environment.items()],
        "Labels": docker.labels(job.kind, job=job.name),
        "HostConfig": {
            "NetworkMode": job.name,
            "ExtraHosts": [f"{name}:{address}" for name, address in job.hosts.items()],
            # Docker refuses more cores than the machine has; Azure's machines have more than ours.
            "NanoCpus": int(min(job.cpu, cores) * 1e9),
            "Memory": int(job.memory_gb * _GIB),
            "ShmSize": job.shared_memory_bytes,
            "PidsLimit": _MAX_PROCESSES,
            "RestartPolicy": {"Name": "no"},
            "LogConfig": {"Type": "json-file", "Config": {"max-size": _MAX_LOG}},
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
        },
    }
