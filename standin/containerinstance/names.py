"""What things are called: Azure's rules for groups and containers, public host names, and names in Docker."""

from __future__ import annotations

import base64
import hashlib
import re

DOMAIN = ".azurecontainer.io"
NAME = re.compile(r"(?=.{1,63}$)[a-z0-9]+(?:-[a-z0-9]+)*")
NAME_RULE = "1 to 63 lower-case letters, digits and single hyphens, not at the ends"
LABEL = re.compile(r"[a-z](?:[a-z0-9-]{3,61})[a-z0-9]")
LABEL_RULE = "5 to 63 lower-case letters, digits and hyphens, a letter first, no hyphen last"
SCOPES = ("Unsecure", "TenantReuse", "SubscriptionReuse", "ResourceGroupReuse", "Noreuse")


def host_name(label: str, region: str, scope: str, *, tenant: str, subscription: str, group: str, unique: str) -> str:
    """`<label>[.<hash>].<region>.azurecontainer.io`; the scope says within what the same label gets the same hash."""
    seeds = {"TenantReuse": (tenant,), "SubscriptionReuse": (tenant, subscription), "Noreuse": (tenant, unique)}
    if scope == "Unsecure":
        return f"{label}.{region}{DOMAIN}"
    seed = seeds.get(scope, (tenant, subscription, group))
    return f"{label}.{_hash(label, *seed)}.{region}{DOMAIN}"


def docker_name(prefix: str, group: str, key: str, part: str = "") -> str:
    """Readable, and unique: groups of the same name live in several resource groups."""
    return f"{prefix}aci-{group}-{hashlib.sha256(key.encode()).hexdigest()[:6]}" + (f"-{part}" if part else "")


def _hash(*parts: str) -> str:
    digest = hashlib.sha256("\0".join(part.lower() for part in parts).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:16]
