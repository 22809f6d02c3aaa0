"""What a step gets: Azure as the signed-in identity sees it, the stack's plan, and the group of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from cli.azure import LIMITS, PATIENT, subscription_id
from cli.errors import Refused
from cli.first_contact.planned import NOBODY, Deployer, Plan, Planned, planned
from cli.first_contact.scratch import Scratch
from cli.stack.file import stack_document
from clone.root import ROOT
from cloud import reading
from cloud.arm import ARM_SCOPE, Arm
from cloud.operation import Waiting
from cloud.retrying import with_retries
from cloud.sign_in import credential, object_id_of, principal_type_of, tenant_of


@dataclass
class Contact:
    stack: str
    config: Mapping[str, Any]
    """What lies under `config:` of the stack file."""
    yes: bool = False
    """Whether more than cents may be spent."""
    clone: Path = ROOT
    plan: Plan = planned
    kept: dict[str, Any] = field(default_factory=dict)
    """What one step leaves for a later one."""
    tell: Callable[[str], None] = field(default=lambda text: None)
    """Progress, for who waits."""

    @classmethod
    def of_stack(cls, stack: str, *, yes: bool, tell: Callable[[str], None]) -> Contact:
        """Raises Refused where its file, or the subscription, is not known."""
        document = stack_document(stack)
        config = document.get("config")
        if not isinstance(config, Mapping):
            raise Refused(f"Pulumi.{stack}.yaml has no 'config'")
        return cls(stack, {**config, "secretsprovider": document.get("secretsprovider")}, yes=yes, tell=tell)

    def setting(self, key: str) -> Any:
        """`edgeway:<key>` of the stack file."""
        return self.config.get(f"edgeway:{key}")

    @property
    def location(self) -> str:
        return str(self.setting("location"))

    @cached_property
    def arm(self) -> Arm:
        return Arm(Waiting(), PATIENT)

    @cached_property
    def subscription(self) -> str:
        given = subscription_id()
        if not given:
            raise Refused("no subscription is known: `az login` (docs/azure.md, first run); `--steps 0` needs none")
        return given

    @cached_property
    def deployer(self) -> Deployer:
        token = self.token(ARM_SCOPE)
        return Deployer(
            subscription=self.subscription,
            tenant=tenant_of(token),
            principal=object_id_of(token),
            idtyp="user" if principal_type_of(token) == "User" else "app",
        )

    def token(self, scope: str) -> str:
        """Raises ServiceError."""
        return with_retries(Waiting(), f"token for {scope}", lambda: credential().get_token(scope).token, LIMITS)

    @cached_property
    def planned(self) -> Planned:
        """What `up` would send for the stack."""
        return self.plan(self.stack, self._program_config(), self.deployer, self.clone)

    @cached_property
    def planned_without_account(self) -> Planned:
        return self.plan(self.stack, self._program_config(), NOBODY, self.clone)

    @cached_property
    def scratch(self) -> Scratch:
        """Made by the first step that needs it; `close` purges it in every case."""
        planning = partial(self.plan, clone=self.clone)
        return Scratch(self.arm, self.deployer, self._program_config(), planning, self.tell)

    def close(self) -> list[str]:
        """Purges what was made; what is left nevertheless, with what to do."""
        return self.scratch.purge() if "scratch" in self.__dict__ else []

    def get(self, path: str, api_version: str, **query: str) -> Any:
        """The body of a GET below the subscription."""
        return self._body(f"/subscriptions/{self.subscription}{path}", api_version, **query)

    def post(self, path: str, api_version: str, body: Any) -> Any:
        path = f"/subscriptions/{self.subscription}{path}"
        return self.arm.request("POST", path, api_version, body=body).body

    @property
    def existing_group(self) -> str | None:
        """A group that somebody else made for the stack: rights may be given there alone."""
        found = (self.setting("existing") or {}).get("resourceGroup")
        return str(found) if found else None

    def listed(self, path: str, api_version: str, **query: str) -> list[Any]:
        """All pages of a list below the subscription."""
        return list(reading.listed(self._body, f"/subscriptions/{self.subscription}{path}", api_version, **query))

    def exists(self, resource_id: str, api_version: str) -> bool:
        return reading.exists(self._body, resource_id, api_version)

    @staticmethod
    def environment(name: str) -> str:
        return os.environ.get(name, "")

    def _body(self, path: str, api_version: str, **query: str) -> Any:
        return self.arm.get(path, api_version, **query).body

    def _program_config(self) -> dict[str, Any]:
        return {key: value for key, value in self.config.items() if ":" in key}
