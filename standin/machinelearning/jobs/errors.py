"""What Azure Machine Learning refuses of jobs, and why a job failed.

https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-command
"""

from __future__ import annotations

from standin.core.errors import BadRequest, NotFound


class InvalidJob(BadRequest):
    code = "UserError"


class JobNameTaken(BadRequest):
    code = "UserError"

    def __init__(self, changed: str) -> None:
        super().__init__(
            "A job with this name already exists. If you are trying to create a new job, use a different name. If you "
            f"are trying to update an existing job, the existing job's {changed} cannot be changed. Only description, "
            "displayName, tags, properties, and isArchived can be updated."
        )


class NotCancelable(BadRequest):
    code = "UserError"

    def __init__(self, name: str, status: str) -> None:
        super().__init__(f"The job '{name}' cannot be canceled: it is in the state {status}.")


class RunNotFound(NotFound):
    code = "UserError"

    def __init__(self, run: str) -> None:
        super().__init__(f"Run {run} was not found")


class JobFailed(Exception):
    """The end of a job, in Azure's words: UserError where its author can mend it, ServiceError elsewhere."""

    def __init__(self, message: str, *, code: str = "UserError") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
