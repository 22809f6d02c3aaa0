"""Each kind of client as a process, side by side: what it needs, how it is started, what it wrote."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from clone.root import ROOT
from judges.verdicts import FAILED, Verdict, verdict
from standin.core.auth import DEPLOYER_OBJECT_ID
from tools.own_standin import OwnStandin

_LIMIT_S = 540
# a judge that ends early would be a table with few lines and no failure
_FEWEST = 5
# one for all the rest: `az` and the SDKs of each language sign in as the stand-in's deployer
_NOT_THEIRS = ("ARM_", "PULUMI_")


@dataclass(frozen=True)
class Run:
    """`installed()` makes what the client needs, once, and tells where it is; `command` starts it."""

    installed: Sequence[str]
    command: Callable[[str], Sequence[str]]
    more: Callable[[OwnStandin], Mapping[str, str]] = lambda _: {}


def _node(standin: OwnStandin) -> Mapping[str, str]:
    return {
        "NODE_EXTRA_CA_CERTS": standin.variables()["SSL_CERT_FILE"],
        "EDGEWAY_JUDGES_TLS_PORT": str(standin.port("tls")),
    }


def _az(standin: OwnStandin) -> Mapping[str, str]:
    return {
        "AZURE_CONFIG_DIR": str(standin.folder / "az"),
        "AZURE_CORE_COLLECT_TELEMETRY": "false",
        "AZURE_CORE_NO_COLOR": "true",
        "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no",
        "EDGEWAY_JUDGES_DEPLOYER": DEPLOYER_OBJECT_ID,
    }


RUNS: Mapping[str, Run] = {
    "node": Run(
        ("tools/setup/judges.sh", "node"),
        lambda _: ("node", "--require", "./judges/node/names.cjs", "judges/node/main.mjs"),
        _node,
    ),
    # Go's net/http takes proxy and CA from the environment
    "go": Run(("tools/setup/judges.sh", "go"), lambda program: (program,)),
    "az": Run(("tools/setup/azure-cli.sh",), lambda home: (f"{home}/bin/python", "-m", "judges.az.running"), _az),
}


def all_of(names: Sequence[str], standin: OwnStandin, documented: Mapping[str, tuple[str, ...]]) -> list[Verdict]:
    """Installed one after another, run side by side."""
    places = {name: _install(RUNS[name]) for name in names}
    with ThreadPoolExecutor(len(names)) as pool:
        found = [pool.submit(_run, name, places[name], standin, documented) for name in names]
        return [one for future in found for one in future.result()]


def _install(run: Run) -> str:
    done = subprocess.run(run.installed, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def _run(name: str, place: str, standin: OwnStandin, documented: Mapping[str, tuple[str, ...]]) -> list[Verdict]:
    run = RUNS[name]
    own = {key: value for key, value in standin.variables().items() if not key.startswith(_NOT_THEIRS)}
    verdicts: list[Verdict] = []
    with (standin.folder / f"{name}.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            run.command(place),
            cwd=ROOT,
            env={**own, **run.more(standin)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        ended_late = threading.Timer(_LIMIT_S, process.kill)
        ended_late.start()
        assert process.stdout is not None
        for line in process.stdout:
            if (one := verdict(line, documented)) is not None:
                verdicts.append(one)
                print(f"{one.outcome:<8}{one.client}: {one.operation}", file=sys.stderr)
        code = process.wait()
        ended_late.cancel()
    if code or len(verdicts) < _FEWEST:
        told = f"exit code {code} after {len(verdicts)} operations; its log is {os.path.relpath(log.name)}"
        verdicts.append(Verdict(name, "the judge itself", f"exit code 0, {_FEWEST} operations", FAILED, told))
    return verdicts
