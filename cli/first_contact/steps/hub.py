"""Step 7: an IoT Hub by the program's own body: its keys, its rights, devices and deployments."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cli.first_contact.comparing import differences, read_back
from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotAsked, Surprise, wanted
from cli.first_contact.planned import PlannedResource
from cli.first_contact.step import Step
from cli.first_contact.steps.hub_rest import HubRest
from cli.first_contact.waiting import seconds_until
from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import Configuration, IotHub
from cloud.operation import Waiting
from edge.manifest import is_same_content

_ROLE_SECONDS = 600
_NAME_SECONDS = 600
_DEVICE = "first-contact"
_ASSIGNMENT_VERSION = "2022-04-01"
_STANDARD = {"name": "S1", "capacity": 1}


class Hub:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._seen: Counter[str] = Counter()

    @cached_property
    def _planned(self) -> PlannedResource:
        return self._contact.scratch.planned.one("iothub:IotHubResource")

    @cached_property
    def _body(self) -> Mapping[str, Any]:
        """Free where the subscription has its free hub left; S1 costs by the day."""
        usages = self._contact.listed("/providers/Microsoft.Devices/usages", "2023-06-30")
        free = any(int(one["limit"]) > int(one["currentValue"]) for one in usages if _is_free(one))
        if free:
            return self._planned.body
        if not self._contact.yes:
            raise NotAsked("the free hub of the subscription is used: an S1 costs about 1 EUR for the day, say --yes")
        return {**self._planned.body, "sku": _STANDARD}

    @cached_property
    def _hub(self) -> IotHub:
        return IotHub(Waiting(), f"{self._planned.azure_name}.azure-devices.net")

    @cached_property
    def _rest(self) -> HubRest:
        return HubRest(self._contact, self._hub.host)

    def body(self) -> str:
        began = time.monotonic()
        answered = self._contact.scratch.put(self._planned, self._body).body
        told = read_back(self._body, answered)
        return f"{self._body['sku']['name']} after {time.monotonic() - began:.0f} s; {told}"

    def again(self) -> str:
        """A second `up` sends the same: nothing may change."""
        before = self._read()
        after = self._contact.scratch.put(self._planned, self._body).body
        changed = list(differences(before["properties"], after["properties"], "properties"))
        return wanted(not changed, f"changed by the same PUT: {'; '.join(changed[:5])}" if changed else "unchanged")

    def keys_kept(self) -> str:
        """A PUT of other tags, without authorizationPolicies: as azure-native does it for any change."""
        before = self._key_hash()
        tags = {**self._body.get("tags", {}), "first": "contact"}
        self._contact.scratch.put(self._planned, {**self._body, "tags": tags})
        same = before == self._key_hash()
        return wanted(same, f"the key of 'service' is {'the same' if same else 'another'} after a PUT of tags")

    def role(self) -> str:
        """Until the role that the program gives its deployer lets configurations be read."""
        planned = self._contact.scratch.planned.one("authorization:RoleAssignment", "operators-deployer-hub")
        self._contact.arm.request("PUT", planned.id, planned.api_version, body=planned.body)
        seen = self._seen

        def reads() -> bool:
            status, code = self._rest.asked("GET", "/configurations?top=1")
            seen[f"{status} {code}".strip()] += 1
            return status == 200

        took = seconds_until("the role lets us read configurations", reads, _ROLE_SECONDS)
        return f"after {took:.0f} s; answers: {', '.join(f'{count}x {what}' for what, count in sorted(seen.items()))}"

    def flicker(self) -> str:
        """How a hub that is new says that it is not there: the program waits for these two and for no other."""
        absent = [what for what in self._seen if what.startswith("404") or "IotHubNotFound" in what or "401001" in what]
        known = {"404", "404 IotHubNotFound", "401 IotHubNotFound", "401 401001"}
        return wanted(set(absent) <= known, f"it was not found as: {', '.join(sorted(absent)) or 'never'}")

    def missing(self) -> str:
        """Only this code says that a device is not there."""
        status, code = self._rest.asked("GET", "/devices/no-such-device")
        return wanted((status, code) == (404, "DeviceNotFound"), f"{status} {code}")

    def device_keys(self) -> str:
        self._hub.create_device(_DEVICE, edge=True)
        self._hub.patch_tags(_DEVICE, {"environment": "first"})
        device = self._hub.device(_DEVICE)
        told = f"{'with' if device.primary_key else 'without'} its key, edge {device.edge}, tags {device.tags}"
        return wanted(bool(device.primary_key) and device.edge and device.tags == {"environment": "first"}, told)

    def content(self) -> str:
        """The base and a layer of the stack, and whether what is read means the same to the program."""
        told = []
        for one in self._deployments:
            self._hub.create_configuration(one)
            live = self._hub.configuration(one.id)
            changed = [*differences(one.modules_content, live.modules_content)]
            added = [*differences(live.modules_content, one.modules_content)]
            more = [place.removesuffix(" is left out") for place in added]
            kept = f"{one.id}: {_first(changed) or 'all that was sent'}; added: {_first(more) or 'nothing'}"
            if not is_same_content(one.modules_content, live.modules_content):
                raise Surprise(kept)
            told.append(kept)
        return ", ".join(told)

    def conflict(self) -> str:
        """Creating what is there is refused."""
        try:
            self._hub.create_configuration(self._deployments[0])
        except ServiceError as error:
            return wanted(error.status == 409, f"{error.status} {error.code}")
        raise Surprise("a PUT without If-Match replaced a configuration")

    def etags(self) -> str:
        """The program quotes them; the SDK itself does not."""
        one = self._deployments[0]
        self._hub.change_configuration(one.id, priority=one.priority + 1)
        changed = self._hub.configuration(one.id).priority
        bare = self._rest.put_with_bare_etag(one.id)
        return wanted(changed == one.priority + 1, f"quoted: taken, priority {changed}; bare: {bare}")

    def removed(self) -> str:
        for one in self._deployments:
            self._hub.delete_configuration(one.id)
        self._hub.delete_device(_DEVICE)
        left = [one.id for one in self._hub.configurations()]
        try:
            self._hub.device(_DEVICE)
        except ServiceError as error:
            told = f"left: {', '.join(left)}" if left else "all gone"
            return wanted(is_missing(error) and not left, told)
        raise Surprise("the device is still there")

    def name_free(self) -> str:
        began = time.monotonic()
        self._contact.scratch.delete(self._planned.id, self._planned.api_version)
        gone = time.monotonic() - began
        path, body = "/providers/Microsoft.Devices/checkNameAvailability", {"name": self._planned.azure_name}
        took = seconds_until(
            "the hub's name is free",
            lambda: self._contact.post(path, "2023-06-30", body).get("nameAvailable") is True,
            _NAME_SECONDS,
        )
        return f"deleted in {gone:.0f} s, the name free {took:.0f} s later"

    def _read(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._contact.arm.get(self._planned.id, self._planned.api_version).body
        return found

    def _key_hash(self) -> str:
        path = f"{self._planned.id}/IotHubKeys/service/listkeys"
        key = str(self._contact.arm.request("POST", path, self._planned.api_version).body["primaryKey"])
        return hashlib.sha256(key.encode()).hexdigest()[:12]

    @cached_property
    def _deployments(self) -> list[Configuration]:
        """As `up` would make them, but for the marks of its own."""
        planned = self._contact.scratch.planned.all("mledge:iothub:EdgeDeployment")
        ordered = sorted(planned, key=lambda one: one.inputs["kind"] != "base")[:2]
        return [
            Configuration(
                id=str(one.inputs["name"]),
                modules_content=one.inputs["content"],
                target_condition=str(one.inputs["targetCondition"]),
                priority=int(one.inputs["priority"]),
                metrics={},
                labels=dict(one.inputs["labels"]),
            )
            for one in ordered
        ]


def _first(places: list[str]) -> str:
    return "; ".join(places[:3]) + (f" and {len(places) - 3} more" if places[3:] else "")


def _is_free(usage: Mapping[str, Any]) -> bool:
    return bool((usage.get("name") or {}).get("value") == "FreeHubCount")


STEP = Step(
    number=7,
    name="hub",
    does="a free hub (or, with --yes, an S1): body, keys, the deployer's role, a device, deployments; deleted",
    price="nothing (S1: 1 EUR)",
    limit_s=2400,
    begin=Hub,
    checks={
        "P-hub": Hub.body,
        "P-hub-again": Hub.again,
        "P-hub-keys": Hub.keys_kept,
        "P-hub-role": Hub.role,
        "P-hub-flicker": Hub.flicker,
        "P-hub-missing": Hub.missing,
        "P-device-keys": Hub.device_keys,
        "P-deployment-content": Hub.content,
        "P-deployment-conflict": Hub.conflict,
        "P-deployment-etag": Hub.etags,
        "P-deployment-removed": Hub.removed,
        "P-hub-name": Hub.name_free,
    },
)
