"""Secret values of a group, kept apart from its description and never in plain in the stand-in's database.

A group must be able to start again (`start`, a machine that was off), so its values are kept, sealed. In the
description each value is replaced by a mark.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from standin.containerinstance.errors import InvalidGroup
from standin.sealing import Sealer, Secrets

__all__ = ["Secrets", "files_of", "take_secrets", "variables_of"]

# Names of secrets are paths: "environment/<container>/<variable>", "volume/<volume>/<file>", "registry/<server>".


def take_secrets(properties: dict[str, Any], known: Secrets, sealer: Sealer) -> Secrets:
    """Replaces the secret values in a description by marks, in place, and answers the values.

    A PATCH of tags brings back marks: these stand for the values `known` from before.
    """
    taken: Secrets = {}
    for path, holder, name in _secret_values(properties):
        value = holder[name]
        if isinstance(value, Mapping):
            value = known.get(path)
            if value is None or sealer.mark(value) != holder[name]:
                raise InvalidGroup(f"{path} must be a text.")
        elif not isinstance(value, str):
            raise InvalidGroup(f"{path} must be a text, got {type(value).__name__}.")
        taken[path] = value
        holder[name] = sealer.mark(value)
    return taken


def _secret_values(properties: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """(path, the object that holds it, the key in it) of every secret value of a description."""
    for container in _objects(properties.get("containers")):
        for variable in _objects((container.get("properties") or {}).get("environmentVariables")):
            if variable.get("secureValue") is not None:
                yield f"environment/{container.get('name')}/{variable.get('name')}", variable, "secureValue"
    for volume in _objects(properties.get("volumes")):
        files = volume.get("secret")
        if not isinstance(files, dict):
            continue
        for name in list(files):
            yield f"volume/{volume.get('name')}/{_file_name(name)}", files, name
    for credential in _objects(properties.get("imageRegistryCredentials")):
        if credential.get("password") is not None:
            yield f"registry/{str(credential.get('server')).lower()}", credential, "password"
    analytics = (properties.get("diagnostics") or {}).get("logAnalytics") or {}
    if analytics.get("workspaceKey") is not None:
        yield "workspaceKey", analytics, "workspaceKey"


def files_of(secrets: Secrets, volume: str) -> dict[str, bytes]:
    """The decoded files of a secret volume. The refusal names the file, never its value."""
    prefix = f"volume/{volume}/"
    return {path.removeprefix(prefix): _decoded(path, secrets[path]) for path in secrets if path.startswith(prefix)}


def variables_of(secrets: Secrets, container: str) -> dict[str, str]:
    prefix = f"environment/{container}/"
    return {path.removeprefix(prefix): secrets[path] for path in secrets if path.startswith(prefix)}


def _decoded(path: str, value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as problem:
        raise InvalidGroup(f"the value of {path} is not base64.", code="InvalidSecretVolume") from problem


def _file_name(name: str) -> str:
    if not name or "/" in name or name in (".", ".."):
        raise InvalidGroup(f"secret file name {name!r} must be a plain file name.", code="InvalidSecretVolume")
    return name


def _objects(values: Any) -> Iterator[dict[str, Any]]:
    for value in values if isinstance(values, list) else ():
        if isinstance(value, dict):
            yield value
