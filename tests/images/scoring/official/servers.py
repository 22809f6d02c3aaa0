"""Azure ML's own server and ours, each in the environment that it has where it serves."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.scoring.environments import ROOT, anchor, scoring_image
from tests.contracts.test_card import CARD as ANY_CARD
from tests.images.scoring.official.case import Asked, Case, Said, answer_of, said
from tests.ports import free_port
from tests.waiting import DEADLINE_S

CARD = replace(ANY_CARD, golden=(), thresholds={})
LAUNCHER = Path(__file__).with_name("launcher.py")


class Server:
    """One of both; `said` starts it with a case's script, asks it everything, and ends it."""

    def __init__(self, which: str) -> None:
        self._which = which
        self._count = 0
        environment = anchor("azmlinfsrv") if which == "official" else scoring_image(azureml=True)
        environment.make()
        self._launcher = subprocess.Popen(
            [str(environment.python), str(LAUNCHER), which],
            cwd=ROOT,
            env=_clean() | ({} if which == "official" else {"PYTHONPATH": str(ROOT)}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()

    def close(self) -> None:
        self._launcher.terminate()
        self._launcher.communicate()

    def said(self, case: Case, within: Path) -> Said:
        self._count += 1
        folder = written(case, within / f"{self._which}-{self._count}")
        with self.serving(case, folder) as port:
            if port is None:
                return {"starts": False}
            return {"starts": True} | {title: said(answer_of(port, one), one) for title, one in case.asked.items()}

    @contextmanager
    def serving(self, case: Case, folder: Path) -> Iterator[int | None]:
        """Its port; None where it does not start."""
        port = free_port()
        script = folder / "score.py"
        official = self._which == "official"
        own = {} if official else {"SCORING_HOST": "127.0.0.1", "SCORING_SECRETS": "/nonexistent"}
        own |= {} if official else {"SCORING_PORT": str(port), "SCORING_ARTIFACT": str(folder)}
        process = self._ask(
            {
                "argv": ["azmlinfsrv", "--entry_script", str(script), "--port", str(port)] if official else ["scoring"],
                "environment": {"AZUREML_MODEL_DIR": str(folder), **own, **case.environment},
                "folder": str(folder),
                "log": str(folder.with_name(f"{folder.name}.log")),
            }
        )
        try:
            yield port if self._is_ready(process, port) else None
        finally:
            self._ask({"stop": process})

    def _is_ready(self, process: int, port: int) -> bool:
        path = "/" if self._which == "official" else "/ready"
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            if self._ask({"ended": process}) is not None:
                return False
            with suppress(OSError):
                answer = answer_of(port, Asked(path=path))
                if answer.startswith(b"HTTP/1.1 200"):
                    return True
                if b'"NotReady"' in answer and b"the model is loading" not in answer:
                    return False
            time.sleep(0.02)
        raise TimeoutError(f"{self._which} is not there after {DEADLINE_S} s")

    def _ask(self, what: dict[str, Any]) -> Any:
        assert self._launcher.stdin is not None
        self._launcher.stdin.write(json.dumps(what) + "\n")
        self._launcher.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._launcher.stdout is not None
        return json.loads(self._launcher.stdout.readline())


def _clean() -> dict[str, str]:
    ours = ("AZUREML_", "AML_", "SCORING_", "PYTEST_", "IOTEDGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def written(case: Case, folder: Path) -> Path:
    """The case's artifact."""
    folder.mkdir(parents=True)
    (folder / "score.py").write_text(case.script)
    (folder / "model.onnx").write_bytes(b"a model that no script loads")
    (folder / "card.json").write_bytes(CARD.to_bytes())
    for name, content in case.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return folder
