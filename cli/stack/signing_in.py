"""The variables by which azure-native, Microsoft's SDKs and Pulumi's backend get one subscription and one identity.

azure-native reads ARM_* or its own configuration, and else asks `az`; all others read AZURE_* and go through
`DefaultAzureCredential`, which finds a virtual machine's or a runner's own identity before it asks `az`.
https://www.pulumi.com/registry/packages/azure-native/installation-configuration/
https://learn.microsoft.com/azure/developer/python/sdk/authentication/credential-chains#defaultazurecredential-overview
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.errors import Refused

SUBSCRIPTION = ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID")
USE_DEFAULT = "ARM_USE_DEFAULT_AZURE_CREDENTIAL"
# A way of signing in of azure-native's own: what sets it up in the environment, and in its configuration.
_WAYS = (
    ("ARM_CLIENT_SECRET", "clientSecret"),
    ("ARM_CLIENT_CERTIFICATE_PATH", "clientCertificatePath"),
    ("ARM_USE_OIDC", "useOidc"),
    ("ARM_USE_MSI", "useMsi"),
)


def variables(config: Mapping[str, Any], outside: Mapping[str, str]) -> dict[str, str]:
    """`config` is that of the stack file. Empty where no subscription is known, as azure-native wants one then."""
    subscription = subscription_id(config, outside)
    if subscription is None:
        return {}
    chain = {} if USE_DEFAULT in outside or has_a_way_of_its_own(config, outside) else {USE_DEFAULT: "true"}
    return {**dict.fromkeys(SUBSCRIPTION, subscription), **chain}


def subscription_id(config: Mapping[str, Any], outside: Mapping[str, str]) -> str | None:
    """The stack file's, the environment's, or the one that `az account show` would tell."""
    named = {name: outside[name] for name in SUBSCRIPTION if outside.get(name)}
    if configured := config.get("azure-native:subscriptionId"):
        named = {"azure-native:subscriptionId of the stack file": str(configured), **named}
    if len({value.lower() for value in named.values()}) > 1:
        told = ", ".join(f"{name} is {value}" for name, value in named.items())
        raise Refused(f"two subscriptions are named: {told}; unset one")
    return next(iter(named.values()), None) or _of_az(outside)


def has_a_way_of_its_own(config: Mapping[str, Any], outside: Mapping[str, str]) -> bool:
    """Whether azure-native was told how to sign in."""
    return any(
        value and value.lower() != "false"
        for variable, key in _WAYS
        for value in (outside.get(variable, ""), str(config.get(f"azure-native:{key}") or ""))
    )


def client_of_its_own(config: Mapping[str, Any], outside: Mapping[str, str]) -> str | None:
    """The application as which azure-native signs in, where it goes a way of its own and is told one."""
    if outside.get(USE_DEFAULT, "").lower() == "true" or not has_a_way_of_its_own(config, outside):
        return None
    return str(config.get("azure-native:clientId") or "") or outside.get("ARM_CLIENT_ID") or None


def _of_az(outside: Mapping[str, str]) -> str | None:
    """Of the profile that `az login` and `az account set` write; `az` itself takes a second to say it."""
    folder = outside.get("AZURE_CONFIG_DIR") or (f"{outside['HOME']}/.azure" if outside.get("HOME") else None)
    if folder is None:
        return None
    try:
        profile = json.loads((Path(folder) / "azureProfile.json").read_text(encoding="utf-8-sig"))
        return next((str(one["id"]) for one in profile["subscriptions"] if one.get("isDefault")), None)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
