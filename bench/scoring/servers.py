"""The servers that are compared: how each is started, and how it is asked and answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.scoring import environments
from bench.scoring.environments import LOCAL, ROOT, Environment
from bench.scoring.models import ANOMALY, MNIST, Model
from bench.scoring.workloads import JSON, RAW, Request, Workload

ANCHORS = Path(__file__).resolve().parent / "anchors"
KEY = "the-key-of-the-benchmark"

OURS = "edgeway"
AZURE_ML = "azmlinfsrv"
AZURE_ML_PREDICT = "azmlinfsrv, predict()"
FASTAPI = "FastAPI"
MLSERVER = "MLServer"
BARE = "bare loop"
BARE_ASGI = "bare ASGI"
_BOTH = (JSON, RAW)

IMAGE_ENVIRONMENT = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""What the scoring image sets for its process and this machine does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)


def _same(request: Request) -> bytes:
    return request.body


def _as_is(answer: Any) -> Any:
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    name: str
    environment: Environment
    launch: Callable[[Model, int], Launch]
    models: tuple[str, ...]
    content_types: tuple[str, ...] = (JSON,)
    path: str = "/score"
    key: str = ""
    cores: int = 1
    """That it runs on; of two the second is the client's, too."""
    body: Callable[[Request], bytes] = _same
    expected: Callable[[Any], Any] = _as_is
    """What of the contract's answer this server's own form of it holds."""
    answer: Callable[[Any], Any] = _as_is
    """That, from what it answered."""

    def serves(self, workload: Workload) -> bool:
        return workload.model in self.models and workload.content_type in self.content_types


def every_server() -> list[Server]:
    """The anchors, then the floors, then ours; each with the models that its users have in it."""
    image = environments.scoring_image()
    ours = Server(
        name=OURS, environment=image, launch=ours_launch(image), models=(ANOMALY, MNIST), content_types=_BOTH, key=KEY
    )
    return [*_anchors(), *_floors(image), ours]


def _anchors() -> list[Server]:
    keras = environments.anchor("azmlinfsrv_keras")
    return [
        Server(
            name=AZURE_ML,
            environment=environments.anchor("azmlinfsrv"),
            launch=_azure_ml("azmlinfsrv_anomaly.py"),
            models=(ANOMALY,),
        ),
        Server(
            name=AZURE_ML,
            environment=keras,
            launch=_azure_ml("azmlinfsrv_mnist_keras.py", KERAS_CALL="call"),
            models=(MNIST,),
            content_types=_BOTH,
        ),
        Server(
            name=AZURE_ML_PREDICT,
            environment=keras,
            launch=_azure_ml("azmlinfsrv_mnist_keras.py", KERAS_CALL="predict"),
            models=(MNIST,),
        ),
        Server(name=FASTAPI, environment=environments.anchor("fastapi"), launch=_fastapi, models=(ANOMALY,)),
        Server(
            name=MLSERVER,
            environment=environments.anchor("mlserver"),
            launch=_mlserver,
            models=(ANOMALY,),
            path="/v2/models/anomaly/infer",
            body=_v2_request,
            expected=lambda answer: [row["anomaly"] for row in (answer if isinstance(answer, list) else [answer])],
            answer=lambda answer: [bool(label) for label in answer["outputs"][0]["data"]],
        ),
    ]


def _floors(image: Environment) -> list[Server]:
    return [
        Server(
            name=BARE_ASGI,
            environment=environments.anchor("bare_asgi"),
            launch=_bare("bench.scoring.bare.asgi", environments.anchor("bare_asgi")),
            models=(ANOMALY, MNIST),
            content_types=_BOTH,
        ),
        Server(
            name=BARE,
            environment=image,
            launch=_bare("bench.scoring.bare.protocol", image),
            models=(ANOMALY, MNIST),
            content_types=_BOTH,
        ),
    ]


def _azure_ml(script: str, **variables: str) -> Callable[[Model, int], Launch]:
    def launch(model: Model, port: int) -> Launch:
        environment = environments.anchor("azmlinfsrv" if model.name == ANOMALY else "azmlinfsrv_keras")
        return Launch(
            command=(
                *(str(environment.python.with_name("azmlinfsrv")), "--entry_script", str(ANCHORS / script)),
                *("--model_dir", str(model.anchor), "--port", str(port), "--health_port", str(port)),
            ),
            variables={"PATH": f"{environment.python.parent}:/usr/bin:/bin", **variables},
        )

    return launch


def _fastapi(model: Model, port: int) -> Launch:
    python = environments.anchor("fastapi").python
    return Launch(
        command=(
            *(str(python), "-m", "uvicorn", "fastapi_anomaly:app", "--app-dir", str(ANCHORS)),
            *("--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--log-level", "warning"),
        ),
        variables={"MODEL_DIR": str(model.anchor)},
    )


def _mlserver(model: Model, port: int) -> Launch:
    folder = LOCAL / "mlserver"
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        # one process, as the others have
        "parallel_workers": 0,
        "host": "127.0.0.1",
        "http_port": port,
        "grpc_port": port + 1,
        "metrics_port": port + 2,
        "debug": False,
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    implementation = {
        "name": ANOMALY,
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": str(model.anchor / "model.joblib")},
    }
    (folder / "model-settings.json").write_text(json.dumps(implementation))
    return Launch(
        command=(str(environments.anchor("mlserver").python.with_name("mlserver")), "start", str(folder)),
    )


def _v2_request(request: Request) -> bytes:
    """Open Inference Protocol: the features alone, which are less than what the others read and echo."""
    body = json.loads(request.body)
    rows = body if isinstance(body, list) else [body]
    data = [number for row in rows for number in (*row["machine"].values(), *row["ambient"].values())]
    features = {"name": "features", "shape": [len(rows), 4], "datatype": "FP32", "data": data}
    return json.dumps({"id": "bench", "inputs": [features]}, separators=(",", ":")).encode()


def _bare(module: str, environment: Environment) -> Callable[[Model, int], Launch]:
    def launch(model: Model, port: int) -> Launch:
        return Launch(
            command=(str(environment.python), "-m", module),
            variables={
                "SCORING_ARTIFACT": str(model.artifact),
                "SCORING_PORT": str(port),
                "PYTHONPATH": str(ROOT),
            },
        )

    return launch


def ours_launch(environment: Environment) -> Callable[[Model, int], Launch]:
    """The server as it is in the image, with the key that ACI gives it."""
    return lambda model, port: _ours(environment, model, port)


def _ours(environment: Environment, model: Model, port: int) -> Launch:
    secrets = LOCAL / "secrets"
    secrets.mkdir(parents=True, exist_ok=True)
    (secrets / "scoring-key").write_text(KEY)
    return Launch(
        command=(str(environment.python), "-m", "bench.scoring.as_started"),
        variables={
            "SCORING_ARTIFACT": str(model.artifact),
            "SCORING_HOST": "127.0.0.1",
            "SCORING_PORT": str(port),
            "SCORING_SECRETS": str(secrets),
            "PYTHONPATH": str(ROOT),
            **IMAGE_ENVIRONMENT,
        },
    )
