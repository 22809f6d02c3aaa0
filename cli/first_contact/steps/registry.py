"""Step 8: a registry by the program's body, a token of it as devices have one, and an image pushed and pulled."""

from __future__ import annotations

import time
from typing import Any

from cli.first_contact.comparing import read_back
from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotAsked, Surprise, wanted
from cli.first_contact.planned import PlannedResource
from cli.first_contact.probe import REPOSITORY, ProbeRegistry
from cli.first_contact.step import Step
from cli.first_contact.waiting import seconds_until
from cloud.arm import Answer
from cloud.errors import ServiceError
from cloud.wording import counted

_TOKEN_SECONDS = 120
_PASSWORD = "password1"  # noqa: S105 - its name


class Registry:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._registry = ProbeRegistry.of(contact)
        self._generated: Answer | None = None
        self._password = ""

    def body(self) -> str:
        told = read_back(self._registry.planned.body, self._registry.made)
        return f"{self._registry.planned.body['sku']['name']}: {told}"

    def token(self) -> str:
        """A scope map of one repository and its token; a password is asked for at once."""
        scratch = self._contact.scratch
        actions = [f"repositories/{REPOSITORY}/{right}" for right in ("content/read", "metadata/read")]
        scratch.put(self._planned("ScopeMap"), {"properties": {"actions": actions}})
        scratch.put(self._planned("Token"))
        refusals: list[str] = []

        def generates() -> bool:
            try:
                self._generated = self._generate()
            except ServiceError as error:
                refusals.append(error.brief)
                if (error.status, error.code) != (409, "TokenNotActive"):
                    raise Surprise(f"generateCredentials answered {error.brief}") from error
            return self._generated is not None

        took = seconds_until("a password is made", generates, _TOKEN_SECONDS)
        return f"after {took:.0f} s, {len(refusals)} times 409 TokenNotActive before"

    def password(self) -> str:
        """Where the value is, which is shown once."""
        if self._generated is None:
            raise NotAsked("no password was made")
        headers = sorted({name.lower() for name in self._generated.headers} & {"azure-asyncoperation", "location"})
        found = self._value(self._generated.body)
        place = "in the answer"
        if not found and "location" in headers:
            named = {name.lower(): value for name, value in self._generated.headers.items()}
            ended = self._contact.arm.follow(Answer(202, {"location": named["location"]}, None), "generateCredentials")
            found, place = self._value(ended.body), "at the Location"
        self._password = found
        told = f"{self._generated.status} with {', '.join(headers) or 'no address to poll'}"
        return wanted(bool(found), f"{told}; the value is {place if found else 'nowhere'}")

    def pushed(self) -> str:
        """With the deployer's own sign-in, exchanged at the registry, as `up` does it."""
        began = time.monotonic()
        images = self._registry.images
        size = f"{int(images['size']) / 1e6:.0f} MB"
        return f"{counted(len(images['digests']), 'image')} of {size} each in {time.monotonic() - began:.0f} s"

    def pulled(self) -> str:
        if not self._password:
            raise NotAsked("there is no password to pull with")
        answer = self._registry.asked(
            "pull",
            digest=self._registry.digest("a"),
            username=self._planned("Token").azure_name,
            password=self._password,
        )
        return wanted(answer["variant"] == "a", f"by digest, with the token, image {answer['variant']!r}")

    def deleted(self) -> str:
        answer = self._registry.asked("delete", digest=self._registry.digest("c"))
        return wanted(
            answer["gone"] is True, f"a manifest by its digest: {'gone' if answer['gone'] else 'still there'}"
        )

    def _planned(self, kind: str) -> PlannedResource:
        return self._contact.scratch.planned.one(f"containerregistry:{kind}")

    def _generate(self) -> Answer:
        path = f"{self._registry.planned.id}/generateCredentials"
        body = {"tokenId": self._planned("Token").id, "name": _PASSWORD}
        return self._contact.arm.request("POST", path, self._registry.planned.api_version, body=body)

    @staticmethod
    def _value(body: Any) -> str:
        entries = (body or {}).get("passwords") or ()
        return next((str(one["value"]) for one in entries if one.get("name") == _PASSWORD and one.get("value")), "")


STEP = Step(
    number=8,
    name="registry",
    does="a Basic registry: a token's password, three small images pushed, one pulled with it, one deleted",
    price="cents (0.15 EUR a day)",
    limit_s=1500,
    begin=Registry,
    checks={
        "P-registry": Registry.body,
        "P-token-active": Registry.token,
        "P-token-password": Registry.password,
        "P-image-push": Registry.pushed,
        "P-image-pull": Registry.pulled,
        "P-manifest-delete": Registry.deleted,
    },
)
