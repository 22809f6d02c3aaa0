"""Starts servers by forking: what they import is imported once, so that a server is there in a tenth of a second.

A process of its own, run by the Python of the server's environment: `launcher.py official` or `launcher.py ours`. It
reads a JSON object a line and answers each with one: `{"argv", "environment", "folder", "log"}` starts a server and
gives its process, `{"ended": process}` its exit code or null, `{"stop": process}` ends it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

PRELOADED = {
    "official": (
        "flask flask_cors pydantic_settings numpy sqlite3 http.server ssl "
        "inference_schema.parameter_types.numpy_parameter_type inference_schema.schema_decorators opentelemetry.sdk "
        "azure.monitor.opentelemetry.exporter"
    ),
    # not gunicorn, which takes for its folder the one in which it is imported
    "ours": "numpy sqlite3 uvloop httptools images.scoring.__main__",
}


def official() -> int:
    from azureml_inference_server_http.amlserver import run  # type: ignore[import-not-found]

    run()
    return 0


def ours() -> int:
    from images.scoring import __main__ as scoring

    # it stays root, as bench.scoring.as_started does
    vars(scoring)["drop_root"] = lambda: None
    return scoring.main()


def started(asked: dict[str, Any], server: Callable[[], int]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.setsid()
        log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(asked["folder"])
        os.environ.update(asked["environment"])
        sys.argv = asked["argv"]
        code = server()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def ended(child: int) -> int | None:
    found, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def stopped(child: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
    return child


def main(which: str) -> None:
    for name in PRELOADED[which].split():
        importlib.import_module(name)
    server = {"official": official, "ours": ours}[which]
    print(json.dumps("here"), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        answer: int | None
        if "stop" in asked:
            answer = stopped(asked["stop"])
        elif "ended" in asked:
            answer = ended(asked["ended"])
        else:
            answer = started(asked, server)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
