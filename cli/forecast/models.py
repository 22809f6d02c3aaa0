"""Models: what trains and why, what is built anew, and where that arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cli.forecast import places
from cli.forecast.differences import MODULES, differences, listed
from cli.forecast.fleet import DeviceChange, arrival
from cli.forecast.operations import Operation, Operations, is_known
from cli.forecast.sentence import Sentence
from clone.build_context import IMAGE_SCORING_GPU

_BOUNDS = {"min": "at least", "max": "at most"}
_FOR_GPUS = "it is now the image for GPUs, which its gate does not try on one"
_WITHOUT_GPUS = "it is now the image without what GPUs need"
_DIGITS = 12
"""Of a digest that are shown, as in a model's version."""


def of_models(operations: Operations, devices: Sequence[DeviceChange]) -> Iterator[Sentence]:
    runs = {one.name: one for one in operations.of("TrainingRun")}
    images = {one.name: one for one in operations.of("Image")}
    trained = [name for name, run in runs.items() if run.op in ("create", "replace")]
    for name in [*trained, *(one for one in images if one not in trained)]:
        head = _trains(runs[name], done=operations.done) if name in trained else _is_built(images[name])
        what = [*_where(operations, devices, name), *_on_devices(operations, devices, name)]
        if operations.done and name in trained and not what:
            yield Sentence("model", name, _only_stored(runs[name]))
            continue
        yield Sentence("model", name, f"{name} {head}: {', '.join(what)}" if what else f"{name} {head}")
    for name, run in runs.items():
        if run.op == "update":
            yield from _without_training(name, run)
        elif run.op == "delete":
            yield Sentence("model", name, f"{name} goes; its artifacts stay in the store of the clone that trained it")
    for gate in operations.of("Gate", "update", "replace"):
        if gate.name not in {*trained, *images}:
            changed = listed(differences(gate.old, gate.new))
            yield Sentence("model", gate.name, f"{gate.name} has to pass its gate again ({changed})")


def _without_training(name: str, run: Operation) -> Iterator[Sentence]:
    changed = [
        one.named(" ".join(one.path)) for one in differences(run.old.get("thresholds"), run.new.get("thresholds"))
    ]
    if changed:
        yield Sentence("model", name, f"{name} is held to other thresholds ({listed(changed)}): nothing trains")
    if run.old.get("job") == run.new.get("job"):
        return
    on, before = _cluster(run.new), _cluster(run.old)
    what = "in another image" if on == before else f"on {on}" if on else "here"
    yield Sentence("model", name, f"{name} trains {what} from its next training on: nothing trains now")


def unknowns(operations: Operations) -> Iterator[Sentence]:
    """What nobody can say before the training."""
    for run in operations.of("TrainingRun", "create", "replace"):
        if not _artifact(run):
            limits = ", ".join(f"{name} {_limit(value)}" for name, value in (run.new.get("thresholds") or {}).items())
            ends = [f"below its thresholds ({limits})"] if limits else []
            ends += ["where its gate refuses it"] if any(one.name == run.name for one in operations.of("Gate")) else []
            checked = f"; {' or '.join(ends)} `up` fails and nothing is rolled out" if ends else ""
            yield Sentence("unknown", run.name, f"{run.name}: version and metrics are known after training{checked}")


def _trains(run: Operation, *, done: bool) -> str:
    """Afterwards an artifact says no more whether it was trained now or before."""
    artifact = f"artifact {_artifact(run)}{'' if done else ', trained here before'}" if _artifact(run) else ""
    where = _where_it_trains(run)
    if run.op == "create":
        return f"is new: {artifact}" if artifact else f"is new and trains{where}"
    why = listed(_reasons(run))
    return f"takes {artifact} ({why})" if artifact else f"retrains{where} ({why})"


def _where_it_trains(run: Operation) -> str:
    """Empty for this machine. Of the job's name the number is not known: those before it may have failed."""
    digest = run.new.get("inputsDigest")
    named = f" as job {run.new.get('model')}-{digest[:_DIGITS]}" if isinstance(digest, str) and is_known(digest) else ""
    return f" on {on}{named}" if (on := _cluster(run.new)) else ""


def _cluster(run: Mapping[str, Any]) -> str:
    """By the inputs of a training; empty for this machine."""
    job = run.get("job")
    if not isinstance(job, Mapping):
        return ""
    compute = job.get("compute")
    return compute if isinstance(compute, str) and is_known(compute) else "a new cluster"


def _only_stored(run: Operation) -> str:
    """Of an `up` that changed nothing that serves: refused before, or back to what is in force. "Takes" misleads."""
    why = "new" if run.op == "create" else listed(_reasons(run))
    artifact = f"artifact {_artifact(run)}" if _artifact(run) else "its artifact"
    return f"{run.name}: {artifact} is in the store ({why}), nothing that serves has changed"


def _artifact(run: Operation) -> str:
    """Empty where it is not known yet."""
    digest = run.outputs.get("digest")
    return digest[:_DIGITS] if isinstance(digest, str) and is_known(digest) else ""


def _reasons(run: Operation) -> list[str]:
    found = [str(one) for one in differences(run.old.get("hyperparameters"), run.new.get("hyperparameters"))]
    if (run.old.get("data") or {}).get("sha256") != (run.new.get("data") or {}).get("sha256"):
        found.append("data changed")
    if run.old.get("attempt") != run.new.get("attempt"):
        found.append("another attempt")
    # the digest covers all inputs, so it says of the code only where nothing else has changed
    return found or ["training code changed"]


def _is_built(image: Operation) -> str:
    if image.op == "delete":
        return "is built no more; the images in the registry stay"
    if image.op == "create":
        return "is built for the first time"
    changed = {one.path[0] for one in differences(image.old, image.new)}
    if "image" in changed:  # of other code, too, which says nothing then
        changed.discard("contextDigest")
    whose = "code of the scoring server" if image.old.get("artifactDigest") else "code of the image"
    what = {
        "image": _FOR_GPUS if image.new.get("image") == IMAGE_SCORING_GPU else _WITHOUT_GPUS,
        "contextDigest": f"{whose} changed",
        "buildArgs": "base image changed",
    }
    said = [text for key, text in what.items() if key in changed]
    return f"is built anew ({listed(said or changed)})"


def _where(operations: Operations, devices: Sequence[DeviceChange], model: str) -> list[str]:
    return places.in_short([one for one in places.places(operations) if places.model_of(one) == model])


def _on_devices(operations: Operations, devices: Sequence[DeviceChange], model: str) -> list[str]:
    """`1 device gets it, 0 others change`; nothing where no deployment that changes has to do with it."""
    carrying = [
        str(one.new.get("name"))
        for one in operations.of("EdgeDeployment", "create", "update", "replace")
        if model in _changed_repositories(one)
    ]
    return arrival(devices, carrying, "get") if carrying else []


def _changed_repositories(deployment: Operation) -> set[str]:
    """Of the images that change in it; a new deployment's may not be known, and then its label tells."""
    found = {
        name
        for one in differences(deployment.old.get("content") or {}, deployment.new.get("content") or {})
        if one.path and (one.path[-1] == "image" or one.path[-1].startswith(MODULES))
        for name in places.repositories([one.old, one.new])
    }
    if deployment.op in ("create", "replace"):
        found |= {*str((deployment.new.get("labels") or {}).get("model", "")).split("-")}
        found |= {*places.repositories(deployment.new.get("content"))}
    return found


def _limit(value: object) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    return " and ".join(f"{_BOUNDS.get(end, end)} {limit:g}" for end, limit in value.items() if limit is not None)
