"""One model, loaded. It knows neither HTTP nor messages: both ask here, so both answer alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from contracts.card import ENTRY_SCRIPT, MODEL_FILE, Card, CardError, artifact_digest, load_card, version_of
from images.scoring.errors import StartError
from images.scoring.model.call_forms import CallForm
from images.scoring.model.device import Device, choose
from images.scoring.model.entry_script import load_entry_script
from images.scoring.request import Request
from images.scoring.service.in_batch import InBatch
from images.scoring.service.in_thread import InThread
from images.scoring.service.on_loop import OnLoop
from images.scoring.service.scoring import Answer, Scoring
from images.scoring.service.script_thread import ScriptThread
from images.scoring.service.watchdog import Watchdog


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    timeout_ms: int
    """Of one `run`, which is then interrupted."""
    batch_max: int
    """Rows that may be run together; 1 is off."""
    batch_wait_ms: int
    """How long a row waits for others; 0 is the turn of the event loop in which it came."""
    device: str
    """What ONNX Runtime computes on, one of DEVICES."""


class Runner(Protocol):
    """Where and with what `run` is called."""

    @property
    def hung(self) -> bool:
        """True while a `run` that timed out has still not returned: only a restart helps."""

    def start(self) -> None:
        """On the main thread, before the first answer."""

    def answer(self, request: Request) -> Answer | Awaitable[Answer]:
        """At once, where it can be had at once; raises ScoringError, or the awaitable does."""

    def close(self) -> None: ...


class Service:
    def __init__(
        self,
        *,
        card: Card,
        digest: str,
        form: CallForm,
        device: Device,
        settings: RunSettings,
        thread: ScriptThread,
        ran: Callable[[int], None],
    ) -> None:
        """`thread` is where the script was loaded, `ran` is told the rows of each batch. Raises StartError for settings
        that the script does not allow."""
        scoring = Scoring(form, timeout_ms=settings.timeout_ms)
        self._runner = _runner(form, scoring, settings, thread, ran)
        self.on_loop = form.on_loop
        """Its `run` is called on the event loop, which must then be that of the thread where it was loaded."""
        self.card = card
        self.digest = digest
        self.version = version_of(digest)
        self.device = device.name
        self.device_chosen = device.chosen
        """Whether there was a choice: answers tell of it then."""
        self.schemas = form.schemas
        self.bodies = form.bodies
        self.paths = form.paths
        self.score = scoring.score
        """On the caller's own thread, for golden examples."""
        self.answer = self._runner.answer
        """An attribute and not a method: every request passes here, and a call less is time less."""

    @property
    def hung(self) -> bool:
        return self._runner.hung

    def start(self) -> None:
        self._runner.start()

    def close(self) -> None:
        self._runner.close()


def _runner(
    form: CallForm, scoring: Scoring, settings: RunSettings, thread: ScriptThread, ran: Callable[[int], None]
) -> Runner:
    if settings.batch_max > 1 and form.takes_lists and not form.on_loop:
        raise StartError(f"BATCH_MAX is {settings.batch_max}, allowed is 1 where the entry script says SLOW")
    if settings.batch_max > 1 and not form.takes_lists:
        raise StartError(
            f"BATCH_MAX is {settings.batch_max}, allowed is 1: run() does not take a list of what it takes"
        )
    timeout_seconds = settings.timeout_ms / 1e3
    if not form.on_loop:
        return InThread(scoring, thread, timeout_seconds=timeout_seconds)
    watchdog = Watchdog(timeout_seconds)
    if settings.batch_max == 1:
        return OnLoop(scoring, watchdog)
    wait_seconds = settings.batch_wait_ms / 1e3
    return InBatch(form, scoring, watchdog, rows=settings.batch_max, wait_seconds=wait_seconds, ran=ran)


def load_service(
    folder: Path,
    settings: RunSettings,
    *,
    thread: ScriptThread | None = None,
    ran: Callable[[int], None] = lambda rows: None,
) -> Service:
    """Load the artifact, on the thread that is or becomes `thread`; a StartError says which part of it cannot be
    served, and why."""
    try:
        card = load_card(folder)
        digest = artifact_digest(folder)
    except FileNotFoundError as error:
        raise StartError(f"artifact {folder} is incomplete: {error}") from error
    except CardError as error:
        raise StartError(str(error)) from error
    if not (folder / MODEL_FILE).is_file():
        raise StartError(f"artifact {folder} is incomplete: {MODEL_FILE} is missing")
    device = choose(settings.device)
    form = load_entry_script(folder / ENTRY_SCRIPT, model_folder=folder)
    device.check(settings.device)
    return Service(
        card=card,
        digest=digest,
        form=form,
        device=device,
        settings=settings,
        thread=thread or ScriptThread(),
        ran=ran,
    )
