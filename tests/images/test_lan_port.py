"""A scorer whose port is for the device's network: the manifest's own createOptions, run by Docker with files of a
device."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docker
import msgspec
import pytest
import trustme
from docker.errors import APIError
from docker.models.containers import Container
from docker.models.images import Image

from edge.manifest import joined
from edge.senders import ScorerSettings, scorer_module
from tests.images.containers import LABEL, address, post, published, until_ready
from tests.images.scoring.conftest import KEY, NORMAL

pytestmark = [
    pytest.mark.docker,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def device(engine: docker.DockerClient, scoring: Image, request: pytest.FixtureRequest) -> Callable[[Path], Container]:
    """What a device's agent makes of the module, at a free port of this machine's loopback."""

    def create(folder: Path) -> Container:
        given = {"port": 5001, "expose": "lan", "secretsFolder": str(folder)}
        module = scorer_module(str(scoring.id), msgspec.convert(given, ScorerSettings))
        options: dict[str, Any] = joined(module.content()["settings"])
        options["HostConfig"]["PortBindings"] = {"5443/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]}
        env = [f"{name}={value}" for name, value in module.env.items()]
        body = {**options, "Image": scoring.id, "Env": env, "Labels": {LABEL: "images"}}
        container = engine.containers.get(engine.api.create_container_from_config(body)["Id"])  # type: ignore[no-untyped-call]
        request.addfinalizer(lambda: container.remove(force=True, v=True))
        container.start()
        return container

    return create


def test_it_answers_https_to_who_has_the_key_and_plain_http_scores_nothing(
    device: Callable[[Path], Container], authority: trustme.CA, secret_files: dict[str, bytes], tmp_path: Path
) -> None:
    for name, content in secret_files.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o444)
    container = device(tmp_path)
    plain = f"http://{address(container, 5001)}"
    until_ready(f"{plain}/ready")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    url = f"https://localhost:{published(container, '5443/tcp')}/score"

    assert post(url, NORMAL, {"Authorization": f"Bearer {KEY}"}, trust)[0] == 200
    assert post(url, NORMAL, {}, trust)[0] == 401
    assert post(f"{plain}/score", NORMAL, {"Authorization": f"Bearer {KEY}"})[0] == 403


def test_without_its_files_on_the_device_it_does_not_run(device: Callable[[Path], Container], tmp_path: Path) -> None:
    with pytest.raises(APIError, match=f"{tmp_path}/(scoring-key|tls.crt|tls.key)"):
        device(tmp_path)
