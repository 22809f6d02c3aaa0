"""The jobs of a stack's workspace, which is known by its name alone: before there are outputs, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cli.azure import LIMITS, resource_manager, subscription_id, words
from cli.errors import Failed, Refused
from cli.stack.environment import enter
from cli.stack.names import stack_names
from cloud.azureml.jobs import Job, Jobs
from cloud.azureml.run_history import RunHistory
from cloud.errors import ServiceError
from cloud.operation import Waiting

_SHOWN = 5


class StackJobs:
    """Raises Refused for a job that is not there, Failed for any other refusal of Azure's."""

    def __init__(self, stack: str) -> None:
        enter(stack)
        subscription = subscription_id()
        if subscription is None:
            raise Refused("no subscription is known: sign in first (docs/azure.md)")
        names = stack_names(stack, subscription)
        self.workspace = names.workspace
        self._id = names.workspace_id(subscription)
        self._jobs = Jobs(resource_manager(), self._id)
        self.history = RunHistory(Waiting(), self._id, LIMITS)

    def all(self) -> list[Job]:
        with self.answers():
            return list(self._jobs.all())

    def get(self, name: str) -> Job:
        with self.answers():
            job = self._jobs.get(name)
        if job is None:
            there = ", ".join(one.name for one in self.all()[:_SHOWN]) or "none"
            raise Refused(f"job {name!r} is not in the workspace {self.workspace}; there are: {there}")
        return job

    def cancel(self, name: str) -> None:
        with self.answers():
            self._jobs.cancel(name)

    @contextmanager
    def answers(self) -> Iterator[None]:
        try:
            yield
        except ServiceError as error:
            raise Failed(f"{error.what}: {error.brief}: {words(error)}") from error
