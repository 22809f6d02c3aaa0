"""Step 0: what needs no account: Microsoft's images of the edge runtime, and azure-native's plugin."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from importlib.metadata import version

from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotAsked, wanted
from cli.first_contact.step import Step
from cli.needs.before_up import PLUGIN, plugin
from cli.stack.environment import child_environment

_RUNTIME = ("azureiotedge-agent", "azureiotedge-hub")
_TAGS = "https://mcr.microsoft.com/v2/{image}/tags/list"
_TIMEOUT_SECONDS = 30
_INSTALL_SECONDS = 240


class Tools:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    def runtime_tags(self) -> str:
        pinned = str(self._contact.setting("edgeRuntime"))
        told = []
        for image in _RUNTIME:
            tags = _tags(image)
            newest = max((tag for tag in tags if _is_patch_of(tag, pinned)), key=_numbers, default="none")
            told.append(f"{image}:{pinned} is {'' if pinned in tags else 'not '}there, newest patch {newest}")
        return wanted(" not there" not in " ".join(told), "; ".join(told))

    def plugin(self) -> str:
        """Fetches it where it is not here yet, as `make up` would."""
        environment = child_environment(self._contact.stack)
        found = plugin(environment)
        if found.ok:
            return found.found
        pulumi = shutil.which("pulumi", path=environment.get("PATH"))
        if pulumi is None:
            raise NotAsked("pulumi is not installed; `make init` installs it")
        command = [pulumi, "plugin", "install", "resource", PLUGIN, version("pulumi-azure-native")]
        try:
            child = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotAsked(f"`{' '.join(command[1:])}` did not end within {_INSTALL_SECONDS} s") from None
        if child.returncode != 0:
            raise NotAsked(f"it cannot be fetched here: {' '.join(child.stderr.split())[-300:]}")
        return f"{PLUGIN} {command[-1]} fetched"


def _tags(image: str) -> list[str]:
    try:
        with urllib.request.urlopen(_TAGS.format(image=image), timeout=_TIMEOUT_SECONDS) as answer:
            return [str(tag) for tag in json.load(answer).get("tags") or ()]
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return []
        raise NotAsked(f"mcr.microsoft.com answered {error.code} for {image}") from error
    except OSError as error:
        raise NotAsked(f"mcr.microsoft.com cannot be reached from here: {error}") from error


def _is_patch_of(tag: str, pinned: str) -> bool:
    return tag.rpartition(".")[0] == ".".join(pinned.split(".")[:2]) and tag.rpartition(".")[2].isdigit()


def _numbers(tag: str) -> tuple[int, ...]:
    return tuple(int(part) for part in tag.split("."))


STEP = Step(
    number=0,
    name="tools",
    does="tag lists of mcr.microsoft.com; the plugin of azure-native; no account",
    price="nothing",
    limit_s=300,
    begin=Tools,
    checks={"P-runtime-tags": Tools.runtime_tags, "P-plugin": Tools.plugin},
)
