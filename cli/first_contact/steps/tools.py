"""Step 0: what needs no account: Microsoft's images of the edge runtime, and azure-native's plugin."""

from __future__ import annotations

import shutil
import subprocess
import urllib.error
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from cli.first_contact.child import answer_of
from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotAsked, wanted
from cli.first_contact.step import Step
from cli.needs.before_up import PLUGIN, plugin
from cli.needs.edge_runtime import REGISTRY, REPOSITORIES, tags
from cli.stack.environment import child_environment
from cloud.wording import end_of_line

_INSTALL_SECONDS = 240
_CHECK_SECONDS = 180


class Tools:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    def runtime_tags(self) -> str:
        pinned = str(self._contact.setting("edgeRuntime"))
        told = []
        for image in REPOSITORIES:
            published = _tags(image)
            newest = max((tag for tag in published if _is_patch_of(tag, pinned)), key=_numbers, default="none")
            told.append(f"{image}:{pinned} is {'' if pinned in published else 'not '}there, newest patch {newest}")
        return wanted(" not there" not in " ".join(told), "; ".join(told))

    def plugin_types(self) -> str:
        """Whether it takes each planned resource: its token, in which a version may stand, and its inputs."""
        azures = [one for one in self._contact.planned_without_account.resources if one.id]
        resources = [{"token": one.token, "name": one.name, "inputs": one.inputs} for one in azures]
        given = {"plugin": self._executable(), "resources": resources}
        answer = answer_of("tools.probe_plugin", given, _CHECK_SECONDS)
        if "failed" in answer:
            raise NotAsked(f"the plugin could not be asked: {answer['failed']}")
        refused = [f"{what}: {why}" for what, why in answer["refused"].items()]
        told = f"version {answer['version']} takes {len(azures) - len(refused)} of {len(azures)} planned resources"
        return wanted(not refused, f"{told}; not {'; '.join(refused[:3])}" if refused else told)

    def _executable(self) -> str:
        name = f"pulumi-resource-{PLUGIN}"
        home = Path(self._environment.get("PULUMI_HOME") or Path.home() / ".pulumi")
        fetched = home / "plugins" / f"resource-{PLUGIN}-v{version('pulumi-azure-native')}" / name
        found = str(fetched) if fetched.is_file() else shutil.which(name, path=self._environment.get("PATH"))
        if found is None:
            raise NotAsked("the plugin is not here")
        return found

    @cached_property
    def _environment(self) -> dict[str, str]:
        return child_environment(self._contact.stack)

    def plugin(self) -> str:
        """Fetches it where it is not here yet, as `make up` would."""
        environment = self._environment
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
            raise NotAsked(f"it cannot be fetched here: {end_of_line(child.stderr, 200)}")
        return f"{PLUGIN} {command[-1]} fetched"


def _tags(image: str) -> list[str]:
    try:
        return tags(f"https://{REGISTRY}", image)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return []
        raise NotAsked(f"{REGISTRY} answered {error.code} for {image}") from error
    except OSError as error:
        raise NotAsked(f"{REGISTRY} cannot be reached from here: {error}") from error


def _is_patch_of(tag: str, pinned: str) -> bool:
    return tag.rpartition(".")[0] == ".".join(pinned.split(".")[:2]) and tag.rpartition(".")[2].isdigit()


def _numbers(tag: str) -> tuple[int, ...]:
    return tuple(int(part) for part in tag.split("."))


STEP = Step(
    number=0,
    name="tools",
    does="tag lists of mcr.microsoft.com; azure-native's plugin, and whether it takes what is planned; no account",
    price="nothing",
    limit_s=600,
    begin=Tools,
    checks={"P-runtime-tags": Tools.runtime_tags, "P-plugin": Tools.plugin, "P-plugin-types": Tools.plugin_types},
)
