"""`python -m images.scoring`: reads the environment and the secrets, opens the ports, gives root up, runs the workers.

With `--check` it serves nothing: it says whether it would become ready (process/check.py).
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from images.scoring.edge.module import ModuleClient
from images.scoring.errors import StartError
from images.scoring.metrics import Metrics
from images.scoring.process.allocator import keep_freed_memory
from images.scoring.process.check import check
from images.scoring.process.privileges import drop_root
from images.scoring.process.secrets import Secrets, load_secrets
from images.scoring.process.server import listen
from images.scoring.process.settings import Settings, SettingsError, read_settings
from images.scoring.process.supervisor import Supervisor
from images.scoring.process.threads import Loaded, run_worker
from images.scoring.process.worker import Sockets, Worker, load

EXIT_USAGE = 2
IMAGES_FOLDER = Path("/app")
"""Where an image has its code (images/scoring/Dockerfile)."""


def edge_client() -> ModuleClient:
    from images.edge_hub.client import EdgeHubClient

    return EdgeHubClient()


def serve(settings: Settings, secrets: Secrets) -> int:
    sockets = Sockets(
        plain=listen(settings.host, settings.port),
        tls=None if secrets.tls is None else listen(settings.host, settings.tls_port),
    )
    drop_root()
    keep_freed_memory()
    metrics = Metrics(settings.workers)
    parent = os.getpid()

    def run(index: int) -> int:
        # exactly one process holds the module's client: the hub knows one connection per module
        client = edge_client if settings.on_device and index == 0 else None

        def worker(loaded: Loaded | None) -> Worker:
            return Worker(
                settings,
                sockets=sockets.duplicates() if loaded is None else sockets,
                secrets=secrets,
                metrics=metrics,
                loaded=loaded,
                index=index,
                client=client,
                parent=parent,
            )

        return run_worker(worker, lambda script: load(settings, metrics.worker(index), script))

    return run(0) if settings.workers == 1 else Supervisor(settings.workers, run, release=sockets.close).supervise()


def in_its_folder(settings: Settings) -> Settings:
    """The artifact's folder becomes the current one, as in Azure: scripts open what lies beside them by its name."""
    folder = settings.artifact.absolute()
    if folder.is_dir():
        os.chdir(folder)
    return replace(settings, artifact=folder, secrets=settings.secrets.absolute())


def main(arguments: Sequence[str] = ()) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("azure").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of each answer to a client that has gone
    if list(arguments) not in ([], ["--check"]):
        print(f"error: {' '.join(arguments)} is not known; allowed: --check, or nothing", file=sys.stderr)
        return EXIT_USAGE
    try:
        settings = in_its_folder(read_settings(os.environ))
        if arguments:
            # root at a machine of its own tries its own model, with an interpreter that the other user may not read
            if Path(__file__).is_relative_to(IMAGES_FOLDER):
                drop_root()
            return check(settings)
        secrets = load_secrets(settings.secrets)
        code = serve(settings, secrets)
    except (SettingsError, StartError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_USAGE
    return code


if __name__ == "__main__":
    exit_code = main(sys.argv[1:])
    logging.shutdown()
    sys.stderr.flush()
    # not sys.exit: it waits for threads, and one may hang in a run() or a connect that nobody waits for any more
    os._exit(exit_code)
