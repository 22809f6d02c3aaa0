"""The scoring image as root: where only root may listen on 443 and read the secrets, and what a model's code is there.

The kernel's own bound for ports, which Docker sets to 0, and root's capabilities are those of a container group in the
stand-in; the model's `init` tells who it is.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import docker
import pytest
import trustme
from docker.models.containers import Container
from docker.models.images import Image

from contracts.names import SECRETS_FOLDER
from edge.senders.host import USER
from images.scoring.process import privileges
from infra.provider.services import check_container
from standin.containerinstance.group_of import CAPABILITIES, SYSCTLS
from tests.images.containers import post, published, until_ready, volume
from tests.images.scoring.conftest import KEY, NORMAL
from tests.waiting import DEADLINE_S

pytestmark = [
    pytest.mark.docker,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

NOBODY = {
    "Uid": "10001 10001 10001 10001",
    "Gid": "10001 10001 10001 10001",
    "Groups": "",
    "CapInh": "0000000000000000",
    "CapPrm": "0000000000000000",
    "CapEff": "0000000000000000",
    "CapAmb": "0000000000000000",
    "NoNewPrivs": "1",
    "HOME": "/",
    "own files": "readable",
}
TELLS = """
_load = init
def init():
    import json, os, re, sys
    told = dict(re.findall(r"^(Uid|Gid|Groups|Cap(?:Inh|Prm|Eff|Amb)|NoNewPrivs):[ \\t]*(.*?)[ \\t]*$",
                           open("/proc/self/status").read(), re.MULTILINE))
    told = {name: " ".join(value.split()) for name, value in told.items()}
    told |= {"HOME": os.environ["HOME"], "own files": "readable" if os.listdir("/proc/self/fd") else "none"}
    print("init is " + json.dumps(told), file=sys.stderr, flush=True)
    _load()
"""
INHERITABLE = """
import ctypes, os, struct
held = sum(1 << number for number in (0, 6, 7, 10))
if ctypes.CDLL(None).capset(struct.pack("=Ii", 0x20080522, 0), struct.pack("=6I", held, held, held, 0, 0, 0)):
    raise SystemExit("no capset")
os.execvp("python", ["python", "-m", "images.scoring", "--check"])
"""
Start = Callable[..., Container]


@pytest.fixture
def volumes() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


@pytest.fixture
def start(
    engine: docker.DockerClient,
    scoring: Image,
    volumes: ExitStack,
    run: Start,  # after the volumes, so its containers go before them
    artifact: Path,
    secret_files: dict[str, bytes],
) -> Start:
    """A container with a container group's root and secret files; its model tells who it is."""
    files = {path.name: path.read_bytes() for path in artifact.iterdir()}
    files["score.py"] += TELLS.encode()
    model = volumes.enter_context(volume(engine, scoring, files, mode=0o644))

    def started(*, mode: int = 0o400, capabilities: tuple[str, ...] = CAPABILITIES, **options: Any) -> Container:
        secrets = volumes.enter_context(volume(engine, scoring, secret_files, mode=mode))
        return run(
            scoring,
            volumes={
                secrets: {"bind": SECRETS_FOLDER, "mode": "ro"},
                model: {"bind": "/app/artifact", "mode": "ro"},
            },
            ports={f"{port}/tcp": ("127.0.0.1", None) for port in (443, 5001)},
            sysctls=SYSCTLS,
            cap_drop=["ALL"],
            cap_add=list(capabilities),
            **options,
        )

    return started


def told(container: Container) -> list[Any]:
    """What each `init` said of itself."""
    return [json.loads(line) for line in re.findall(r"init is ({[^}]*})", container.logs().decode())]


def scored(container: Container, authority: trustme.CA) -> int:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    url = f"https://localhost:{published(container, '443/tcp')}/score"
    return post(url, NORMAL, {"Authorization": f"Bearer {KEY}"}, trust)[0]


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o644])
def test_root_listens_and_reads_its_secrets_and_the_model_runs_as_nobody(
    start: Start, authority: trustme.CA, mode: int
) -> None:
    container = start(mode=mode)
    until_ready(f"http://127.0.0.1:{published(container, '5001/tcp')}/ready")
    assert scored(container, authority) == 200
    assert told(container) == [NOBODY]


def test_each_worker_is_nobody_and_all_end_in_order(start: Start, authority: trustme.CA) -> None:
    container = start(environment={"WORKERS": "2"})
    until_ready(f"http://127.0.0.1:{published(container, '5001/tcp')}/ready")
    assert scored(container, authority) == 200
    processes = container.top(ps_args="-eo pid,uid")["Processes"]
    container.stop(timeout=int(DEADLINE_S))
    container.reload()
    assert {uid for _, uid in processes} == {"10001"}
    assert len(processes) == 3
    assert container.attrs["State"]["ExitCode"] == 0
    assert told(container) == [NOBODY] * 2


@pytest.mark.parametrize("command", [["--check"], []], ids=["check", "serve"])
def test_root_that_cannot_become_nobody_runs_nothing_of_the_model(start: Start, command: list[str]) -> None:
    container = start(capabilities=("NET_BIND_SERVICE",), command=["python", "-m", "images.scoring", *command])
    assert container.wait(timeout=DEADLINE_S)["StatusCode"] == 2
    assert b"error: the process was started as root and cannot become the user 10001:10001" in container.logs()
    assert told(container) == []


def test_a_check_by_root_is_one_by_nobody(start: Start) -> None:
    # as the second process of its container, too, and where an older engine has made root's capabilities inheritable
    container = start(command=["python", "-c", INHERITABLE], init=True)
    assert container.wait(timeout=DEADLINE_S)["StatusCode"] == 0
    assert told(container) == [NOBODY]


def test_who_may_not_read_a_secret_says_whose_it_is_and_as_whom_it_was_tried(start: Start) -> None:
    container = start(user=USER)
    assert container.wait(timeout=DEADLINE_S)["StatusCode"] == 2
    key = f"{SECRETS_FOLDER}/scoring-key"
    said = (
        f"error: cannot read {key} (Permission denied): {key} belongs to uid 0, gid 0 and has the mode 0400; "
        "this process runs as uid 10001, gid 10001"
    )
    assert container.logs().decode().strip().endswith(said)


def test_who_may_not_listen_says_as_whom_it_was_tried(start: Start) -> None:
    container = start(user=USER, mode=0o644)
    assert container.wait(timeout=DEADLINE_S)["StatusCode"] == 2
    assert b"error: cannot listen on 0.0.0.0:443 as uid 10001 (Permission denied)" in container.logs()


def test_all_places_name_the_user_that_root_becomes() -> None:
    assert f"{privileges.USER}:{privileges.GROUP}" == USER == check_container._USER
