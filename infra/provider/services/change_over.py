"""From the configuration that stands to the one that is wanted, so that the devices are never without one.

A configuration's content cannot be changed, so other content is another configuration. All that carry one deployment's
name in their labels are that deployment's; afterwards the wanted one is the only one left:

    the others are lowered to the nominal priority; the wanted one is made, or found, above them; wait, if asked
    the others are removed

Whatever fails on the way, a Ctrl-C too: what stood before stands again, what this deployment has made is removed, and
the error says so. A process that is killed cannot do that: the next diff or refresh sees what it left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import Configuration, IotHub
from edge.manifest import is_same_content
from infra.provider.undisturbed import PUT_BACK_LIMITS, Undisturbed
from pluginbase.resource import OperationContext, PartialFailure, ProviderError

LABEL_NAME, LABEL_CONTENT, LABEL_MARK = "edgewayDeployment", "edgewayContent", "edgewayMark"
OWN_LABELS = (LABEL_NAME, LABEL_CONTENT, LABEL_MARK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to stand in the hub under a deployment's name."""

    name: str
    content: Mapping[str, Any]
    digest: str
    target_condition: str
    priority: int
    """The nominal one: what takes another's place stands one above it."""
    metrics: Mapping[str, str]
    labels: Mapping[str, str]
    mark: str

    def configuration(self, configuration_id: str, priority: int) -> Configuration:
        own = {LABEL_NAME: self.name, LABEL_CONTENT: self.digest[:12], LABEL_MARK: self.mark}
        return Configuration(
            id=configuration_id,
            modules_content=self.content,
            target_condition=self.target_condition,
            priority=priority,
            metrics=self.metrics,
            labels={**self.labels, **own},
        )


def of_deployment(configurations: Iterable[Configuration], name: str, own: str | None = None) -> list[Configuration]:
    """Those with its name, and the one of the id `own`, which may lack labels."""
    return [one for one in configurations if one.labels.get(LABEL_NAME) == name or one.id == own]


class ChangeOver:
    """One way from what stands to what is wanted. `own`: the id that the resource's row names; None at a create."""

    def __init__(self, ctx: OperationContext, hub: IotHub, wanted: Wanted, own: str | None = None) -> None:
        self._ctx = ctx
        self._hub = hub
        self._wanted = wanted
        self._own = own
        everything = hub.configurations()
        self._before = of_deployment(everything, wanted.name, own)
        self._successor, self._found = self._find({one.id for one in everything})
        self._others = [one for one in self._before if one.id != self._successor]

    @property
    def displaces(self) -> bool:
        """Whether another configuration has to go."""
        return bool(self._others)

    def run(self, alone: int, wait: Callable[[str], None]) -> Configuration:
        """What stands then. `alone`: the priority where no other one has to go; `wait` raises to give up."""
        priority = self._wanted.priority + 1 if self._others else alone
        wanted = self._wanted.configuration(self._successor, priority)
        try:
            self._lower()
            self._stand(wanted)
            wait(wanted.id)
            for other in self._others:
                self._ctx.status(f"removing {other.id}")
                _remove(self._hub, other.id)
        except PartialFailure:
            raise
        except Exception as error:
            back = self._put_back()
            if isinstance(error, ProviderError | ServiceError):
                raise ProviderError(f"{error}{back}") from error
            raise
        return wanted

    def _find(self, taken: set[str]) -> tuple[str, Configuration | None]:
        """The id for the wanted content, and what stands there with that content already.

        Where an id is taken by other content (somebody made it anew by hand), the next free number is added: what is
        there must stay until the new one stands.
        """
        stem = f"{self._wanted.name}-{self._wanted.digest[:12]}"
        equal = [one for one in self._before if self._has_content(one)]
        for one in sorted(equal, key=lambda one: one.id != self._own):
            return one.id, one
        number = 1
        while (candidate := stem if number == 1 else f"{stem}-{number}") in taken:
            number += 1
        return candidate, None

    def _has_content(self, one: Configuration) -> bool:
        """What was sent with other content shows that in its label, also where a hub might have filled in the rest."""
        sent = self._wanted.digest[:12]
        return one.labels.get(LABEL_CONTENT, sent) == sent and is_same_content(
            self._wanted.content, one.modules_content
        )

    def _lower(self) -> None:
        for other in self._others:
            if other.priority > self._wanted.priority:
                self._ctx.status(f"lowering {other.id} to priority {self._wanted.priority}")
                self._hub.change_configuration(other.id, priority=self._wanted.priority)

    def _stand(self, wanted: Configuration) -> None:
        if self._found is not None:
            if self._found.id != self._own:
                self._ctx.log(f"{wanted.id} exists already with this content and is taken over")
            _set(self._hub, wanted)
            return
        try:
            self._hub.create_configuration(wanted)
        except ServiceError as error:
            if error.status != 409:
                raise
            # made a moment ago by this very call, whose answer was lost
            _set(self._hub, wanted)

    # -- back

    def _put_back(self) -> str:
        """How it went, as the end of the error's text. Not disturbed by the Ctrl-C that may have led here."""
        hub = IotHub(Undisturbed(self._ctx), self._hub.host, PUT_BACK_LIMITS)
        stay, go = self._parted()
        try:
            for one in stay:  # first of all something must stand
                _ensure(hub, replace(one, priority=min(one.priority, self._wanted.priority)))
            for configuration_id in go:
                _remove(hub, configuration_id)
            for one in stay:
                _set(hub, one)
        except ServiceError as error:
            return (
                f"; and what stood before in {hub.host} could not be put back: {error}. "
                "Run `up` again when the hub answers: it looks at what stands there"
            )
        names = ", ".join(one.id for one in stay)
        return f"; {names} stands in {hub.host} as before" if names else f"; nothing of it is left in {hub.host}"

    def _parted(self) -> tuple[Sequence[Configuration], Sequence[str]]:
        """What is to stand again, and the ids of what is to go: what this row has made, now or before it was killed."""
        own = [one for one in self._before if one.id == self._own]
        made = {one.id for one in self._before if one.labels.get(LABEL_MARK) == self._wanted.mark} - {self._own}
        stay = [one for one in self._before if not own or one.id not in made]
        gone = {self._successor} | (made if own else set())
        return stay, sorted(gone - {one.id for one in stay})


def _set(hub: IotHub, wanted: Configuration) -> None:
    """What of a configuration can be changed."""
    hub.change_configuration(
        wanted.id,
        priority=wanted.priority,
        target_condition=wanted.target_condition,
        labels=wanted.labels,
        metrics=wanted.metrics,
    )


def _ensure(hub: IotHub, configuration: Configuration) -> None:
    """Makes it where it is gone."""
    try:
        hub.configuration(configuration.id)
    except ServiceError as error:
        if not is_missing(error):
            raise
        hub.create_configuration(configuration)


def _remove(hub: IotHub, configuration_id: str) -> None:
    try:
        hub.delete_configuration(configuration_id)
    except ServiceError as error:
        if not is_missing(error):
            raise
