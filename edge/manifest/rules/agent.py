"""Rules of `$edgeAgent.properties.desired`, schemas 1.0 and 1.1, which the agent reads alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from edge.manifest.create_options import CreateOptionsError, joined
from edge.manifest.modules import SCHEMA_VERSION
from edge.manifest.problem import Path
from edge.manifest.rules.docker import create_options_problems
from edge.manifest.rules.shape import Check, Walk, closed, is_object, mapping, one_of, shown, text, whole, word

MODULE_NAME = r"[a-zA-Z0-9_-]{1,128}"
MODULE_NAME_ALLOWED = "letters, digits, - and _ are allowed, at most 128"
TWIN_NAME = r"[^.$#\s]+"
TWIN_NAME_ALLOWED = ". $ # and white space are not allowed"
_ENV_NAME = r"[^+#$\s.]+"
_CHUNK = re.compile(r"createoptions[0-9]*", re.IGNORECASE)
# A colon before the last name is a registry's port. After it there is one at the most: the agent refuses tag and digest
# in one reference (Azure/iotedge, DockerConfig.cs).
_DIGEST = re.compile(r"(?:[^@\s]*/)?[^@\s:/]+@sha256:[0-9a-f]{64}")
_TAGGED = re.compile(r"(?P<repository>\S+):(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})")
_NOT_IN_AN_IMAGE = re.compile(r"[^a-zA-Z0-9_./:@-]")
_RUNTIME_IMAGE = re.compile(r".*/azureiotedge-(?:agent|hub)")
_EXACT = re.compile(r"\d+\.\d+\.\d+.*")
MAX_UINT = 4294967295


def image(walk: Walk, path: Path, value: Any) -> None:
    reason = image_problem(value)
    if reason:
        walk.add(path, reason)


def image_problem(value: Any) -> str | None:
    """Why an image reference is refused: one that may mean another image tomorrow is never redeployed (iotedge #68)."""
    wanted = "a digest (repository@sha256:<64 hex>) or an exact tag is wanted"
    if not isinstance(value, str) or not value.strip():
        return f"the image is {shown(value)}; {wanted}"
    if odd := _NOT_IN_AN_IMAGE.search(value):
        return f"the image {value!r} is none: {odd[0]!r} cannot stand in its name; {wanted}"
    if "@" in value:
        return None if _DIGEST.fullmatch(value) else f"the image {value!r} is not repository@sha256:<64 hex>; {wanted}"
    found = f"; `docker buildx imagetools inspect {value}` shows the digest"  # Microsoft's pages have images by latest
    tagged = _TAGGED.fullmatch(value)
    if tagged is None or "/" in value[value.rfind(":") :]:
        return f"the image {value!r} has no tag, so it means :latest; {wanted}{found}"
    if tagged["tag"] == "latest":
        return f"the image {value!r} has the tag latest, which moves; {wanted}{found}"
    if _RUNTIME_IMAGE.fullmatch(tagged["repository"]) and not _EXACT.fullmatch(tagged["tag"]):
        return f"the image {value!r} has a rolling tag; an exact patch such as 1.6.1 is wanted for the runtime"
    return None


def settings(walk: Walk, path: Path, value: Any) -> None:
    if not is_object(walk, path, value):
        return
    if "image" not in value:
        walk.add(path, "the key 'image' is missing")
    for key, item in value.items():
        if key == "image":
            walk.check(image, (*path, key), item)
        elif _CHUNK.fullmatch(key):
            walk.check(_text_or_object, (*path, key), item)
        else:
            walk.add(
                (*path, key), f"the key {key!r} is not known here; allowed: image, createOptions, createOptions01 ..."
            )
    if not any(walk.is_unknown(item) for item in value.values()):
        _create_options(walk, path, value)


def _text_or_object(walk: Walk, path: Path, value: Any) -> None:
    """The agent takes an object for its own text."""
    if not isinstance(value, str | Mapping):
        walk.add(path, f"{shown(value)} is refused; JSON in a text is wanted")


def _create_options(walk: Walk, path: Path, value: Mapping[str, Any]) -> None:
    try:
        options = joined(value)
    except CreateOptionsError as error:
        walk.add(path, str(error))
        return
    for reason in create_options_problems(options):
        walk.add(path, f"createOptions: {reason}")


def _env_value(walk: Walk, path: Path, value: Any) -> None:
    if not isinstance(value, str | int | float | bool):
        walk.add(path, "text, a number or a boolean is wanted")


_ENV = mapping(_ENV_NAME, "white space and + # $ . are not allowed", closed({"value": _env_value}))
_PULL = one_of("on-create", "never")
_ORDER = whole(0, MAX_UINT)
_STATUS = one_of("running", "stopped")
_RESTART = one_of("never", "on-failure", "on-unhealthy", "always")
_DOCKER = one_of("docker")

MODULE: Check = closed(
    {"type": _DOCKER, "status": _STATUS, "restartPolicy": _RESTART, "settings": settings},
    {"version": text, "env": _ENV, "imagePullPolicy": _PULL, "startupOrder": _ORDER},
)
_AGENT_MODULE = closed(
    {"type": _DOCKER, "settings": settings}, {"version": text, "env": _ENV, "imagePullPolicy": _PULL}
)
_HUB_MODULE = closed(
    {"type": _DOCKER, "settings": settings, "status": _STATUS, "restartPolicy": _RESTART},
    {"version": text, "env": _ENV, "imagePullPolicy": _PULL, "startupOrder": _ORDER},
)
CREDENTIAL = closed({"username": word, "password": word, "address": word})
RUNTIME_TEXTS: Mapping[str, Check] = {"minDockerVersion": text, "loggingOptions": text}
_CREDENTIALS = mapping(TWIN_NAME, TWIN_NAME_ALLOWED, CREDENTIAL)
# The agent asks of the runtime for its type alone (DockerRuntimeInfo.cs), and the hub's own exports leave texts out.
_RUNTIME = closed({"type": _DOCKER}, {"settings": closed({}, {**RUNTIME_TEXTS, "registryCredentials": _CREDENTIALS})})
MAX_MODULES = 50
_RUNTIME_MODULES = ("edgeAgent", "edgeHub")


def modules(walk: Walk, path: Path, value: Any) -> None:
    mapping(MODULE_NAME, MODULE_NAME_ALLOWED, MODULE)(walk, path, value)
    check_names(walk, path, value if isinstance(value, Mapping) else ())


def check_names(walk: Walk, path: Path, names: Iterable[str]) -> None:
    """Names that the agent or the edge hub cannot tell from others, and more than a deployment holds."""
    first: dict[str, str] = {}
    for count, name in enumerate(names, 1):
        if name in _RUNTIME_MODULES:
            walk.add((*path, name), f"the name {name!r} is the runtime's own; another is wanted")
        if (other := first.setdefault(name.lower(), name)) != name:
            walk.add(
                (*path, name), f"{name!r} and {other!r} differ in case alone, which the edge hub's routes do not see"
            )
        if count == MAX_MODULES + 1:
            walk.add(path, f"modules of a deployment are {MAX_MODULES} at the most")


AGENT_DESIRED: Check = closed(
    {
        "schemaVersion": one_of("1.0", SCHEMA_VERSION),
        "runtime": _RUNTIME,
        "systemModules": closed({"edgeAgent": _AGENT_MODULE, "edgeHub": _HUB_MODULE}),
        "modules": modules,
    }
)
