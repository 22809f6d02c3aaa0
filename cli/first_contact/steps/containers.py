"""Step 9: a container group by the program's body, with a probe in the scorer's place that says what it is let do."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cli.first_contact.comparing import read_back
from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotMeant, Surprise, wanted
from cli.first_contact.planned import PlannedResource
from cli.first_contact.probe import REPOSITORY, ProbeRegistry
from cli.first_contact.step import Step
from cli.first_contact.waiting import seconds_until
from cloud.errors import ServiceError

_ASSIGNMENTS_VERSION = "2022-04-01"
_PULL_SECONDS = 600
_LOG_SECONDS = 180
_REACHED_SECONDS = 180
_TLS_PORT = 443
_CONNECT_SECONDS = 10
# Of Linux' capabilities those that the scoring server starts with: numbers of capability.h.
_NEEDED = {"SETGID": 6, "SETUID": 7, "NET_BIND_SERVICE": 10}
_NEVER_SHOWN = ("properties.volumes[0].secret",)


class Containers:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._registry = ProbeRegistry.of(contact)
        self._answered: Mapping[str, Any] = {}

    @cached_property
    def _planned(self) -> PlannedResource:
        groups = self._contact.scratch.planned.all("containerinstance:ContainerGroup")
        if not groups:
            raise NotMeant("the stack has no container group")
        return groups[0]

    def pull(self) -> str:
        """By the identity that the program gives it, which may pull and nothing else."""
        self._let_pull()
        refused: list[str] = []

        def starts() -> bool:
            try:
                self._answered = self._put("a")
            except ServiceError as error:
                if error.code not in ("InaccessibleImage", "FailedIdentityOperation"):
                    raise
                refused.append(error.code)
                return False
            return True

        took = seconds_until("the group may pull its image", starts, _PULL_SECONDS)
        return (
            f"started after {took:.0f} s, {len(refused)} refusals before: {', '.join(sorted(set(refused))) or 'none'}"
        )

    def body(self) -> str:
        return read_back(self._body("a"), self._answered, without=_NEVER_SHOWN)

    def root(self) -> str:
        """What root has there: enough to bind, and to become the other user."""
        report = self._report("a")
        held = int(str(report["status"].get("CapEff", "0")), 16)
        lacking = [name for name, number in _NEEDED.items() if not held >> number & 1]
        told = f"uid {report['uid']}, CapEff {report['status'].get('CapEff')}, lacking {', '.join(lacking) or 'none'}"
        return wanted(report["uid"] == 0 and not lacking, told)

    def ports(self) -> str:
        report = self._report("a")
        told = (
            f"ip_unprivileged_port_start {report['portStart']}, 443 as root: {report['bindsAsRoot']}, "
            f"then {report['drops']}, 8443 as that user: {report['bindsOtherAsUser']}"
        )
        fine = report["bindsAsRoot"] == report["bindsOtherAsUser"] == "bound" and report["drops"] == "10001:10001"
        return wanted(fine and report["portStart"] == "1024", told)

    def secrets(self) -> str:
        """Owner and mode of the secret volume's files, as root and as the other user find them."""
        report = self._report("a")
        # of a volume that is swapped as a whole the files are links into `..data`
        folder = report["files"][0].get("name") if len(report["files"]) > 1 else None
        shown = [
            one for one in report["files"] if one.get("name") != folder and not str(one.get("name")).startswith("..")
        ]
        modes = sorted({f"{one.get('mode', one.get('error'))} {one.get('uid')}:{one.get('gid')}" for one in shown})
        told = f"{', '.join(modes)}; root reads {report['readsAsRoot']}, 10001 reads {report['readsAsUser']}"
        return wanted(report["readsAsRoot"] == "all" and modes == ["-r-------- 0:0"], told)

    def reached(self) -> str:
        """From here, at its address and port 443: a socket that was bound as root goes on after the change of user."""
        address = str(self._answered["properties"]["ipAddress"]["ip"])
        took = seconds_until("the probe answers at port 443", lambda: self._greeting(address) == "a", _REACHED_SECONDS)
        return f"port 443 answers after {took:.0f} s"

    def update(self) -> str:
        """A retrain: the same group with another image."""
        before = self._answered["properties"]["ipAddress"]["ip"]
        began = time.monotonic()
        try:
            after = self._put("b")["properties"]["ipAddress"]["ip"]
        except ServiceError as error:
            raise Surprise(f"another image is refused: {error.brief} {error.message}"[:300]) from error
        self._report("b")
        kept = "kept" if before == after else "another"
        told = f"in place after {time.monotonic() - began:.0f} s, the address is {kept}"
        return wanted(before == after, told)

    def _let_pull(self) -> None:
        scratch = self._contact.scratch
        if not self._registry.login_server:
            raise Surprise("the registry shows no login server")
        puller = scratch.planned.one("managedidentity:UserAssignedIdentity", "foundation-scoring")
        principal = scratch.put(puller).body["properties"]["principalId"]
        planned = scratch.planned.one("authorization:RoleAssignment", "scoring-pull-registry")
        properties = {**planned.body["properties"], "principalId": principal}
        self._contact.arm.request("PUT", planned.id, _ASSIGNMENTS_VERSION, body={"properties": properties})

    def _put(self, variant: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._contact.scratch.put(self._planned, self._body(variant)).body
        return found

    def _body(self, variant: str) -> Mapping[str, Any]:
        """The program's, with the probe for the scorer and this registry for the planned one."""
        properties = dict(self._planned.body["properties"])
        server = self._registry.login_server
        image = f"{server}/{REPOSITORY}@{self._registry.digest(variant)}"
        (container,) = properties["containers"]
        properties["containers"] = [{**container, "properties": {**container["properties"], "image": image}}]
        properties["imageRegistryCredentials"] = [
            {**one, "server": server} for one in properties["imageRegistryCredentials"]
        ]
        return {**self._planned.body, "properties": properties}

    def _report(self, variant: str) -> Mapping[str, Any]:
        """The line of the probe's log that this image wrote."""
        kept: dict[str, Any] = {}

        def written() -> bool:
            kept.update(self._logged(variant))
            return bool(kept)

        if (known := self._contact.kept.get(f"report {variant}")) is None:
            seconds_until(f"the probe {variant} writes to the log", written, _LOG_SECONDS)
            known = self._contact.kept[f"report {variant}"] = kept
        found: Mapping[str, Any] = known
        return found

    def _logged(self, variant: str) -> Mapping[str, Any]:
        name = self._planned.body["properties"]["containers"][0]["name"]
        path = f"{self._planned.id}/containers/{name}/logs"
        lines = str(self._contact.arm.get(path, self._planned.api_version).body.get("content") or "").splitlines()
        for line in reversed(lines):
            try:
                report = json.loads(line)
            except ValueError:
                continue
            if isinstance(report, dict) and report.get("variant") == variant:
                return report
        return {}

    @staticmethod
    def _greeting(address: str) -> str:
        try:
            with socket.create_connection((address, _TLS_PORT), timeout=_CONNECT_SECONDS) as connection:
                return connection.recv(16).decode().strip()
        except OSError:
            return ""


STEP = Step(
    number=9,
    name="containers",
    does="a container group for some minutes, with a probe that says uid, capabilities, ports and secret files",
    price="cents",
    limit_s=1800,
    begin=Containers,
    checks={
        "P-container-pull": Containers.pull,
        "P-container-group": Containers.body,
        "P-container-root": Containers.root,
        "P-container-ports": Containers.ports,
        "P-container-secrets": Containers.secrets,
        "P-container-reached": Containers.reached,
        "P-container-update": Containers.update,
    },
)
