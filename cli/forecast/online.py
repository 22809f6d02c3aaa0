"""Online endpoints: whether another deployment takes over, and by which steps, or something changes in place."""

from __future__ import annotations

from collections.abc import Iterator

from cli.forecast.differences import differences, listed
from cli.forecast.operations import Operation, is_known
from cli.forecast.sentence import Sentence
from cloud.wording import counted

KIND, NOUN = "OnlineModel", "online endpoint"
# What another deployment comes for; the rest of the inputs is changed in place, or is of the next change.
_OF_A_DEPLOYMENT = frozenset(
    {
        "environmentId", "modelId", "instanceType", "environmentVariables", "requestTimeoutSeconds",
        "concurrentRequests", "location", "cpu", "memoryMb",
    }
)  # fmt: skip
_MODELS_OWN = frozenset({"environmentId", "modelId", "digest", "source", "caPem"})
"""Said by the sentence of the model, or of the certificate."""
_THE_WAYS = frozenset({"traffic", "holdSeconds", "probes"})
"""Said of the way that a change takes."""


def changes_over(place: Operation) -> bool:
    return any(one.path[0] in _OF_A_DEPLOYMENT for one in differences(place.old, place.new))


def noun_of(place: Operation) -> str:
    return f"Kubernetes {NOUN}" if "cpu" in (place.new or place.old) else NOUN


def at_length(place: Operation) -> Iterator[Sentence]:
    subject = f"{noun_of(place)} {place.name}"
    if place.op == "create":
        text = f"{subject} is new; its address is known when it is there"
    elif place.op == "delete":
        yield Sentence("loss", place.name, f"{subject} is DELETED: nothing answers at its address any more")
        return
    elif place.op == "replace":
        text = f"{subject} is deleted and made again: nothing answers at its address meanwhile"
    elif changes_over(place):
        why = listed(_known(place, _MODELS_OWN | _THE_WAYS))
        text = f"{subject} changes over{f' ({why})' if why else ''}: {_way(place)}; the old one serves meanwhile"
    elif place.old == place.new:
        text = f"{subject} has other deployments or shares than the stack's: {_way(place)}"
    else:
        why = listed(_known(place, _MODELS_OWN))
        text = f"{subject} changes in place{f' ({why})' if why else ''}: its traffic stays as it is"
    yield Sentence("place", place.name, text)


def _way(place: Operation) -> str:
    """`m0123456789ab gets 10, 50, 100 % of the traffic, each held for 180 s, after golden requests`."""
    name = str(place.outputs.get("deployment", ""))
    new = name if name and is_known(name) else "a new deployment"
    shares = ", ".join(f"{float(one):g}" for one in place.new.get("traffic") or (100,))
    probes = counted(int(place.new.get("probes", 1)), "golden request")
    held = f"{float(place.new.get('holdSeconds', 0)):g} s"
    return f"{new} answers {probes} and gets {shares} % of the traffic, each held for {held}"


def _known(place: Operation, but: frozenset[str]) -> list[str]:
    found = [one for one in differences(place.old, place.new) if one.path[0] not in but and is_known(one.new)]
    return [str(one) for one in found]
