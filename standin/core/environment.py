"""What a client's environment must hold to reach the stand-in, and the files that say so.

`HTTPS_PROXY` in upper case only: the lower-case form also catches a program's gRPC to the Pulumi engine.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from standin.core.addresses import CONTROL_HOST, Ports
from standin.core.auth import DEPLOYER_CLIENT_ID, SUBSCRIPTION_ID, TENANT_ID, TokenIssuer
from standin.core.certificates import Authority

_LOCAL = "127.0.0.1,localhost"


def client_environment(
    issuer: TokenIssuer, authority: Authority, ports: Ports, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    secret = issuer.client_secret()
    ca_pem = str(authority.ca_pem)
    return {
        "HTTPS_PROXY": f"http://127.0.0.1:{ports.proxy}",
        "NO_PROXY": _LOCAL,
        "no_proxy": _LOCAL,
        "REQUESTS_CA_BUNDLE": ca_pem,
        "SSL_CERT_FILE": ca_pem,
        "AZURE_TENANT_ID": TENANT_ID,
        "AZURE_CLIENT_ID": DEPLOYER_CLIENT_ID,
        "AZURE_CLIENT_SECRET": secret,
        "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION_ID,
        "ARM_TENANT_ID": TENANT_ID,
        "ARM_CLIENT_ID": DEPLOYER_CLIENT_ID,
        "ARM_CLIENT_SECRET": secret,
        "ARM_SUBSCRIPTION_ID": SUBSCRIPTION_ID,
        "EDGEWAY_STANDIN": f"https://{CONTROL_HOST}",
        **(more or {}),
    }


def write_files(
    state: Path, issuer: TokenIssuer, authority: Authority, ports: Ports, more: Mapping[str, str] | None = None
) -> None:
    """`env`, `control.token` (they hold secrets, so only their owner may read them) and `ports.json`."""
    variables = client_environment(issuer, authority, ports, more)
    _write(state / "env", "".join(f"{name}={value}\n" for name, value in variables.items()))
    _write(state / "control.token", issuer.control_token() + "\n")
    numbers: Mapping[str, int] = {
        "base": ports.base,
        "proxy": ports.proxy,
        "tls": ports.tls,
        "registry": ports.registry,
        "plain": ports.plain,
    }
    _write(state / "ports.json", json.dumps(numbers) + "\n")


def _write(path: Path, text: str) -> None:
    """Whole or not at all: a reader never sees half a file."""
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
