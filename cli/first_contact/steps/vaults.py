"""Step 10: what Azure only soft-deletes, gone for good by the purge that `down` uses: a vault, and a log workspace."""

from __future__ import annotations

import time

from cli.first_contact.comparing import read_back
from cli.first_contact.contact import Contact
from cli.first_contact.finding import Surprise, wanted
from cli.first_contact.planned import PlannedResource
from cli.first_contact.step import Step
from cli.first_contact.waiting import seconds_until
from cloud.errors import ServiceError
from cloud.operation import Waiting
from cloud.purge import API_VERSIONS, deleted_vault, purge, purge_deleted_vault

_NAME_SECONDS = 120


class Vaults:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    @property
    def _vault(self) -> PlannedResource:
        return self._contact.scratch.planned.one("keyvault:Vault")

    @property
    def _logs(self) -> PlannedResource:
        return self._contact.scratch.planned.one("operationalinsights:Workspace")

    def body(self) -> str:
        return read_back(self._vault.body, self._contact.scratch.put(self._vault).body)

    def soft_deleted(self) -> str:
        """ARM's delete leaves it where only a purge takes it away."""
        self._contact.arm.request("DELETE", self._vault.id, API_VERSIONS["vault"])
        deleted = deleted_vault(self._vault.id, self._contact.location)
        took = seconds_until(
            f"the deleted vault is in {deleted}",
            lambda: self._contact.exists(deleted, API_VERSIONS["vault"]),
            _NAME_SECONDS,
        )
        answer = self._contact.arm.get(deleted, API_VERSIONS["vault"]).body
        due = (answer.get("properties") or {}).get("scheduledPurgeDate")
        return f"kept after {took:.0f} s, purged by itself on {due}"

    def polled(self) -> str:
        """Whether who purges may see how it goes, which the custom role of docs/azure.md does not ask for."""
        deleted = deleted_vault(self._vault.id, self._contact.location)
        answer = self._contact.arm.request("POST", f"{deleted}/purge", API_VERSIONS["vault"])
        if not any(name.lower() in ("location", "azure-asyncoperation") for name in answer.headers):
            return f"answered {answer.status}, without a place to poll"
        try:
            self._contact.arm.follow(answer, "purge of the vault")
        except ServiceError as error:
            if error.status not in (403, 404):
                raise
            return f"purged, and polling it is refused with {error.status} {error.code}: the program does not"
        return "polled to its end"

    def purged(self) -> str:
        """By this principal, and the name is free then."""
        began = time.monotonic()
        purge_deleted_vault(Waiting(), self._contact.arm, self._vault.id, self._contact.location)
        gone = time.monotonic() - began
        body = {"name": self._vault.azure_name, "type": "Microsoft.KeyVault/vaults"}
        path = "/providers/Microsoft.KeyVault/checkNameAvailability"
        took = seconds_until(
            f"the name {self._vault.azure_name} is free",
            lambda: self._contact.post(path, API_VERSIONS["vault"], body).get("nameAvailable") is True,
            _NAME_SECONDS,
        )
        return f"gone after {gone:.0f} s, the name free {took:.0f} s later"

    def logs(self) -> str:
        """With force it does not come back with its old data when the name is used again."""
        scratch = self._contact.scratch
        first = scratch.put(self._logs).body
        told = read_back(self._logs.body, first)
        began = time.monotonic()
        purge(Waiting(), scratch.arm, "logAnalytics", self._logs.id, scratch.location)
        gone = time.monotonic() - began
        second = scratch.put(self._logs).body
        before, after = (one["properties"].get("customerId") for one in (first, second))
        if not before or not after:
            raise Surprise("a log workspace shows no customerId")
        return wanted(before != after, f"{told}; gone after {gone:.0f} s; made again it is {_other(before == after)}")


def _other(same: bool) -> str:
    return "the old one, recovered" if same else "another one"


STEP = Step(
    number=10,
    name="purges",
    does="a vault: made, deleted, purged; a log workspace: made, deleted with force, made again",
    price="nothing",
    limit_s=900,
    begin=Vaults,
    checks={
        "P-vault": Vaults.body,
        "P-vault-soft-deleted": Vaults.soft_deleted,
        "P-vault-polling": Vaults.polled,
        "P-vault-purge": Vaults.purged,
        "P-logs-purge": Vaults.logs,
    },
)
