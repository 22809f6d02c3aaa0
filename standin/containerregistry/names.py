"""What registries, their types and their addresses are called."""

from __future__ import annotations

import re

from standin.core.arm import Resource

REGISTRIES = "Microsoft.ContainerRegistry/registries"
SCOPE_MAPS = f"{REGISTRIES}/scopeMaps"
TOKENS = f"{REGISTRIES}/tokens"

NAME = re.compile(r"[a-zA-Z0-9]{5,50}")
NAME_RULE = "5 to 50 characters, letters and digits only"
ISSUER = "edgeway-standin"


def login_server(registry: Resource) -> str:
    return f"127.0.0.1:{registry.private.get('port', 0)}"
