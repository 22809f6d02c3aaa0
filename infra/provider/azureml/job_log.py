"""What a job prints, as it comes. It may be late or out of reach: how the job stands is asked of ARM, beside it."""

from __future__ import annotations

from collections import deque

from cloud.azureml.run_history import RunDetails, RunHistory
from cloud.errors import ServiceError
from infra.provider.undisturbed import AT_ONCE, Undisturbed
from pluginbase.resource import OperationContext

_LAST_LINES = 15


class JobLog:
    def __init__(self, ctx: OperationContext, workspace_id: str, job: str) -> None:
        self._history = RunHistory(Undisturbed(ctx), workspace_id, AT_ONCE)
        self._job = job
        self._read = 0
        self._begun = b""
        """Of a line whose end has not come yet."""
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self.error = ""
        """Why the job failed, as Azure ML says it."""

    @property
    def last(self) -> list[str]:
        begun = self._begun.decode(errors="replace").strip()
        return [*self._lines, *([begun] if begun else [])][-_LAST_LINES:]

    def read_on(self) -> None:
        try:
            details = self._history.details(self._job)
            self.error = details.error
            self._take(details)
        except ServiceError:
            return  # the next look may find more

    def _take(self, details: RunDetails) -> None:
        url = details.standard_log
        if url is None:
            return
        new = self._history.log(url, self._read)
        self._read += len(new)
        *whole, self._begun = (self._begun + new).split(b"\n")
        self._lines.extend(line for text in whole if (line := text.decode(errors="replace").rstrip()))
