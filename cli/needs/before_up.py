"""What an `up` or a preview in Azure needs before its first call: a state backend, its key, a sign-in, the plugin.

Read from where Pulumi and azure-identity look; only the sign-in is tried.
https://www.pulumi.com/docs/iac/concepts/state-and-backends/
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cli.azure import LIMITS
from cli.needs.need import Need
from cli.stack.environment import child_environment
from cli.stack.file import stack_document
from cli.stack.signing_in import client_of_its_own
from cloud.arm import ARM_SCOPE
from cloud.errors import ServiceError
from cloud.operation import Waiting
from cloud.retrying import with_retries
from cloud.sign_in import client_of, credential, object_id_of, tenant_of

PLUGIN = "azure-native"
_CLOUD = "https://api.pulumi.com"
_CREDENTIALS = re.compile(r"(\w+Credential): (.*?)(?=\s\w+Credential: |\sTo mitigate this|$)", re.DOTALL)
_PASSPHRASES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


def needs(stack: str) -> list[Need]:
    environment = child_environment(stack)
    document = stack_document(stack)
    backend = state_backend(environment)
    key = [stack_key(document, backend.found, environment)] if backend.ok else []
    return [backend, *key, sign_in(client_of_its_own(document.get("config") or {}, environment)), plugin(environment)]


def state_backend(environment: Mapping[str, str]) -> Need:
    """By PULUMI_BACKEND_URL, or where `pulumi login` was last."""
    logins = _logins(environment)
    url = environment.get("PULUMI_BACKEND_URL") or str(logins.get("current") or "")
    token = environment.get("PULUMI_ACCESS_TOKEN")
    if not url and token:
        url = _CLOUD
    if not url:
        return _lacking("state backend", "PULUMI_BACKEND_URL is not set, and no `pulumi login` was done", "State")
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and not token and not (logins.get("accessTokens") or {}).get(url):
        return _lacking("state backend", f"no access token for {url}: PULUMI_ACCESS_TOKEN is not set", "State")
    if parts.scheme == "azblob" and not (
        parse_qs(parts.query).get("storage_account") or environment.get("AZURE_STORAGE_ACCOUNT")
    ):
        return _lacking("state backend", f"{url} names no storage account: ?storage_account=<name>", "State")
    return Need(name="state backend", ok=True, found=url)


def stack_key(document: Mapping[str, Any], backend: str, environment: Mapping[str, str]) -> Need:
    """What encrypts the secrets in the state."""
    name = "state's key"
    if provider := document.get("secretsprovider"):
        return Need(name=name, ok=True, found=str(provider))
    if urlsplit(backend).scheme in ("http", "https") and "encryptionsalt" not in document:
        return Need(name=name, ok=True, found="the backend's own")
    if set_one := [variable for variable in _PASSPHRASES if variable in environment]:
        return Need(name=name, ok=True, found=set_one[0])
    found = "the stack file has no secretsprovider, and no PULUMI_CONFIG_PASSPHRASE is set"
    return _lacking(name, found, "State")


def sign_in(azure_native_client: str | None = None) -> Need:
    """As our provider and the state backend do it. azure-native, which assigns the roles that they then use, goes the
    same way, or has to be the same application."""

    def token() -> str:
        return credential().get_token(ARM_SCOPE).token

    try:
        given = with_retries(Waiting(), "sign-in", token, LIMITS)
    except ServiceError as error:
        return _lacking("sign-in", f"nobody is signed in: {_told(str(error.__cause__)) or error.message}", "Sign in")
    client = client_of(given)
    if azure_native_client is not None and azure_native_client.lower() != client.lower():
        two = f"azure-native signs in as application {azure_native_client}, everything else as application {client}"
        return _lacking("sign-in", f"{two} (object id {object_id_of(given)})", "Sign in")
    return Need(name="sign-in", ok=True, found=f"tenant {tenant_of(given)}, object id {object_id_of(given)}")


def plugin(environment: Mapping[str, str]) -> Need:
    wanted = f"{PLUGIN} v{version('pulumi-azure-native')}"
    folder = _home(environment) / "plugins" / f"resource-{wanted.replace(' ', '-')}"
    if folder.is_dir():
        return Need(name="plugin", ok=True, found=wanted)
    if ambient := shutil.which(f"pulumi-resource-{PLUGIN}", path=environment.get("PATH")):
        return Need(name="plugin", ok=True, found=ambient)
    return _lacking("plugin", f"{wanted} is not in {folder.parent}", "Plugin")


def _lacking(name: str, found: str, step: str) -> Need:
    return Need(
        name=name, ok=False, found=found, remedy=f'docs/azure.md, first run, step "{step}"', needed_by="up, preview"
    )


def _told(message: str) -> str:
    """Of the long list of credentials that were tried, as azure-identity tells it, uncut: what those say that a person
    or a pipeline sets up. Empty where none of them is in it."""
    wanted = ("AzureCliCredential", *(["EnvironmentCredential"] if os.environ.get("AZURE_CLIENT_ID") else []))
    told = [f"{name}: {said.strip()}" for name, said in _CREDENTIALS.findall(message) if name in wanted]
    return "; ".join(told)


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("PULUMI_HOME") or Path(environment.get("HOME", "~")).expanduser() / ".pulumi")


def _logins(environment: Mapping[str, str]) -> dict[str, Any]:
    folder = environment.get("PULUMI_CREDENTIALS_PATH")
    file = (Path(folder) if folder else _home(environment)) / "credentials.json"
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
