"""The registry of the group of its own, with the probe's image in it: what steps 8 and 9 share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cli.first_contact.child import answer_of
from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotAsked, Surprise
from cli.first_contact.planned import PlannedResource

REPOSITORY = "edgeway/probe"
VARIANTS = ("a", "b", "c")
"""The first that runs, the one that takes its place, and one that is only deleted."""
_LIMIT_SECONDS = 900


class ProbeRegistry:
    """`contact.kept` has the one of a run."""

    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    @classmethod
    def of(cls, contact: Contact) -> ProbeRegistry:
        found: ProbeRegistry = contact.kept.setdefault("registry", cls(contact))
        return found

    @cached_property
    def planned(self) -> PlannedResource:
        return self._contact.scratch.planned.one("containerregistry:Registry")

    @cached_property
    def made(self) -> Mapping[str, Any]:
        """The registry as it is answered once it is there."""
        found: Mapping[str, Any] = self._contact.scratch.put(self.planned).body
        return found

    @property
    def login_server(self) -> str:
        return str(self.made["properties"]["loginServer"])

    @cached_property
    def images(self) -> Mapping[str, Any]:
        """`digests` of the variants, and the `size` of one in bytes: built here, and pushed as `up` pushes."""
        base = self._contact.setting("baseImage") or ""
        return self.asked("push", base=base, variants=list(VARIANTS), run=self._contact.scratch.stack)

    def digest(self, variant: str) -> str:
        return str(self.images["digests"][variant])

    def asked(self, word: str, **given: Any) -> Mapping[str, Any]:
        """What tools.probe_image answers. A Surprise where the registry refuses, NotAsked where this machine's Docker
        engine does not do its part."""
        asked = {"word": word, "loginServer": self.login_server, "repository": REPOSITORY, **given}
        answer = answer_of("tools.probe_image", asked, _LIMIT_SECONDS)
        if "refused" in answer:
            raise (Surprise if answer.get("answered") else NotAsked)(str(answer["refused"])[:600])
        return answer
