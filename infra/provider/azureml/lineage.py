"""Where what a cluster trained comes from: the job, and the commit whose code it ran, or that was changed.

It is kept beside the store's note of which inputs gave which artifact, so that who trains nothing again knows it too.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from clone.layout import Clone
from cloud.azureml.jobs import Job
from infra.provider.azureml.training import TAG_COMMIT, TAG_DIRTY

_TIMEOUT_SECONDS = 30
JOB, JOB_CREATED = "job", "jobCreated"


def of_clone(root: Path, files: Iterable[str]) -> dict[str, str]:
    """`commit`, and whether one of the files is not as it is there (`dirty`); nothing where git does not say."""
    commit = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--", *files)
    if commit is None or changed is None:
        return {}
    return {TAG_COMMIT: commit, TAG_DIRTY: str(bool(changed)).lower()}


def of_job(job: Job) -> dict[str, str]:
    created = {JOB_CREATED: job.created} if job.created else {}
    return {JOB: job.name, **created, **{tag: job.tags[tag] for tag in (TAG_COMMIT, TAG_DIRTY) if tag in job.tags}}


def is_of(lineage: Mapping[str, str], job: Job) -> bool:
    """A workspace that was made anew has other jobs of the same names."""
    return (lineage.get(JOB), lineage.get(JOB_CREATED, "")) == (job.name, job.created)


def remember(clone: Clone, inputs_digest: str, digest: str, lineage: Mapping[str, str]) -> None:
    file = _file(clone, inputs_digest)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.write_text(json.dumps({"digest": digest, "lineage": dict(lineage)}), encoding="utf-8")
    part.replace(file)


def recalled(clone: Clone, inputs_digest: str, digest: str) -> dict[str, str]:
    """Empty for an artifact that was trained here."""
    try:
        document = json.loads(_file(clone, inputs_digest).read_text(encoding="utf-8"))
        return dict(document["lineage"]) if document["digest"] == digest else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _file(clone: Clone, inputs_digest: str) -> Path:
    return clone.artifacts.root / "runs" / f"{inputs_digest}.json"


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
