"""Step 1: who is signed in, at each service that `up` speaks to, and as whom azure-native would be."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import Any

from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotAsked, wanted
from cli.first_contact.step import Step
from cli.stack.signing_in import USE_DEFAULT, client_of_its_own
from cloud.arm import ARM_SCOPE
from cloud.sign_in import claims_of

SCOPES = {
    "ARM": ARM_SCOPE,
    "IoT Hub": "https://iothubs.azure.net/.default",
    "storage": "https://storage.azure.com/.default",
    "vault": "https://vault.azure.net/.default",
}
_AZ_SECONDS = 60


class SignIn:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._claims: dict[str, Any] = {}

    def tokens(self) -> str:
        who, told = set(), []
        for name, scope in SCOPES.items():
            began = time.monotonic()
            claims = claims_of(self._contact.token(scope))
            who.add((claims.get("oid"), claims.get("tid")))
            told.append(f"{name} {time.monotonic() - began:.1f} s")
            self._claims = self._claims or claims
        return wanted(
            len(who) == 1 and None not in who.copy().pop(),
            f"{', '.join(told)}; {len(who)} principal{'' if len(who) == 1 else 's'}: "
            + "; ".join(f"{oid} of tenant {tid}" for oid, tid in sorted(map(_texts, who))),
        )

    def token_type(self) -> str:
        """What tells a person from a service: assignments must name the type where a condition asks for it."""
        claims = self._own()
        kind = claims.get("idtyp")
        person = any(claims.get(name) for name in ("upn", "unique_name", "scp"))
        known = kind in ("app", "user") or person
        return wanted(known, f"idtyp {kind!r}, {'signs in as a person' if person else 'no claim of a person'}")

    def one_identity(self) -> str:
        """azure-native goes a way of its own where it is told one, else (tools/stack.sh sets that) the same chain."""
        claims = self._own()
        if client := client_of_its_own(self._contact.config, os.environ):
            same = client.lower() == str(claims.get("appid", "")).lower()
            return wanted(same, f"azure-native is told {client}; the others sign in as {claims.get('appid')}")
        if self._contact.environment(USE_DEFAULT).lower() == "true":
            return f"azure-native goes the chain of the others ({USE_DEFAULT}), which sign in as {claims.get('oid')}"
        other = claims_of(_az_token())
        same = other.get("oid") == claims.get("oid")
        return wanted(same, f"`az` is {other.get('oid')}, the others sign in as {claims.get('oid')}")

    def subscription(self) -> str:
        found = self._contact.get("", "2022-12-01")
        state = found.get("state")
        offer = (found.get("subscriptionPolicies") or {}).get("quotaId")
        limit = (found.get("subscriptionPolicies") or {}).get("spendingLimit")
        tenant = str(found.get("tenantId", "")).lower() == str(self._own().get("tid", "")).lower()
        told = f"{state}, offer {offer}, spending limit {limit}, of {'our' if tenant else 'another'} tenant"
        return wanted(state == "Enabled" and tenant, told)

    def _own(self) -> dict[str, Any]:
        if not self._claims:
            self._claims = claims_of(self._contact.token(ARM_SCOPE))
        return self._claims


def _az_token() -> str:
    """By a pipe, never printed."""
    az = shutil.which("az")
    if az is None:
        raise NotAsked("neither ARM_CLIENT_ID nor `az`: azure-native would sign in as nobody here")
    command = [az, "account", "get-access-token", "--scope", ARM_SCOPE, "--query", "accessToken", "-o", "tsv"]
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=_AZ_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise NotAsked(f"`az account get-access-token` did not answer within {_AZ_SECONDS} s") from None
    if child.returncode != 0 or "." not in child.stdout:
        raise NotAsked(f"`az account get-access-token` failed: {' '.join(child.stderr.split())[-200:]}")
    return child.stdout.strip()


def _texts(pair: tuple[Any, Any]) -> tuple[str, str]:
    return str(pair[0]), str(pair[1])


STEP = Step(
    number=1,
    name="sign-in",
    does="a token for each service; the subscription",
    price="nothing",
    limit_s=180,
    begin=SignIn,
    checks={
        "P-tokens": SignIn.tokens,
        "P-token-type": SignIn.token_type,
        "P-one-identity": SignIn.one_identity,
        "P-subscription": SignIn.subscription,
    },
)
