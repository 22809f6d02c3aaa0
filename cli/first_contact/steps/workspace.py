"""Step 11: the ML workspace with all that it stands on, as the program makes it; a model in it; and its name again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from cli.first_contact.child import answer_of
from cli.first_contact.comparing import read_back
from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotAsked, Surprise, wanted
from cli.first_contact.planned import PlannedResource
from cli.first_contact.step import Step
from cli.first_contact.waiting import seconds_until
from cloud.errors import ServiceError
from cloud.operation import Waiting
from cloud.purge import purge

_BLOB_SECONDS = 600
_NAME_SECONDS = 600
_MODEL_SECONDS = 600
_DATASTORES = "2024-10-01"
_BENEATH = (
    "storage:StorageAccount",
    "keyvault:Vault",
    "containerregistry:Registry",
    "operationalinsights:Workspace",
    "applicationinsights:Component",
)
"""What the workspace stands on, in this order."""
_TOKEN = "https://storage.azure.com/.default"  # noqa: S105 - a scope


class Workspace:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._model: Mapping[str, Any] = {}

    @property
    def _planned(self) -> PlannedResource:
        return self._contact.scratch.planned.one("machinelearningservices:Workspace")

    def storage(self) -> str:
        """Without shared keys."""
        account = self._contact.scratch.planned.one("storage:StorageAccount")
        return read_back(account.body, self._contact.scratch.put(account).body)

    def made(self) -> str:
        """With an identity of its own, whose rights were given as long before as the stack file says."""
        scratch = self._contact.scratch
        for type_name in _BENEATH:
            scratch.put(scratch.planned.one(type_name))
        self._give_rights()
        settle = float(self._contact.setting("roleSettleSeconds") or 0)
        time.sleep(settle)
        began = time.monotonic()
        try:
            answered = scratch.put(self._planned).body
        except ServiceError as error:
            raise Surprise(f"refused {settle:.0f} s after its rights: {error.brief} {error.message}"[:400]) from error
        told = read_back(self._planned.body, answered)
        return f"{settle:.0f} s after its rights, in {time.monotonic() - began:.0f} s; {told}"

    def datastore(self) -> str:
        """Of identity access: the default store holds no key."""
        path = f"{self._planned.id}/datastores/workspaceblobstore"
        properties = self._contact.arm.get(path, _DATASTORES).body["properties"]
        kind = str((properties.get("credentials") or {}).get("credentialsType"))
        self._contact.kept["container"] = (properties.get("accountName"), properties.get("containerName"))
        return wanted(kind == "None", f"credentials {kind}, container of {properties.get('accountName')}")

    def blob_role(self) -> str:
        """Until the deployer's own role at the account lets it look for a blob."""
        if not all(self._contact.kept.get("container", ())) or "container" not in self._contact.kept:
            raise NotAsked("the datastore told no container")
        planned = self._contact.scratch.planned.one("authorization:RoleAssignment", "operators-deployer-blobs")
        self._contact.arm.request("PUT", planned.id, planned.api_version, body=planned.body)
        seen: list[str] = []

        def reads() -> bool:
            seen.append(self._head())
            return seen[-1].startswith("404")

        took = seconds_until(f"HEAD of a blob that is not there is 404, not {seen[-1:]}", reads, _BLOB_SECONDS)
        return f"after {took:.0f} s; answers before: {', '.join(sorted(set(seen[:-1]))) or 'none'}"

    def model(self) -> str:
        """By azure-ai-ml, as the provider uploads one, with the login alone."""
        parts = self._planned.id.split("/")
        given = {"subscription": parts[2], "resourceGroup": parts[4], "workspace": parts[8], "model": "first-contact"}
        self._model = answer_of("tools.probe_model", given, _MODEL_SECONDS)
        if "status" in self._model:
            told = f"{self._model['status']} {self._model['code']}: {self._model['message']}"
            raise Surprise(f"a model is not registered: {told[:300]}")
        tags = self._model["tags"]
        return wanted(
            tags == {"edgeway": "first-contact"},
            f"uploaded and registered in {self._model['seconds']:.0f} s, tags {tags}",
        )

    def archived(self) -> str:
        if "archived" not in self._model:
            raise NotAsked("there is no model")
        told = f"archived {self._model['archived']}, {self._model['active']} active versions"
        return wanted(self._model["archived"] is True and self._model["active"] == 0, told)

    def purged(self) -> str:
        """The first delete with forceToPurge frees the name: the same workspace can be made again."""
        scratch, began = self._contact.scratch, time.monotonic()
        purge(Waiting(), scratch.arm, "workspace", self._planned.id, scratch.location)
        gone, refused = time.monotonic() - began, list[str]()

        def taken() -> bool:
            try:
                scratch.put(self._planned)
            except ServiceError as error:
                refused.append(error.brief)
                return False
            return True

        took = seconds_until("the workspace's name is free", taken, _NAME_SECONDS)
        return f"gone after {gone:.0f} s, made again {took:.0f} s later, {len(refused)} refusals between"

    def _give_rights(self) -> None:
        """Those of the program, to an identity of the group."""
        scratch = self._contact.scratch
        identity = scratch.planned.one("managedidentity:UserAssignedIdentity", "foundation-workspace")
        principal = scratch.put(identity).body["properties"]["principalId"]
        for one in scratch.planned.all("authorization:RoleAssignment"):
            if one.name.startswith("workspace-rights-"):
                properties = {**one.body["properties"], "principalId": principal}
                self._contact.arm.request("PUT", one.id, one.api_version, body={"properties": properties})

    def _head(self) -> str:
        """Status and code of a HEAD, which is what azure-ai-ml begins an upload with."""
        import requests

        account, container = self._contact.kept["container"]
        headers = {"Authorization": f"Bearer {self._contact.token(_TOKEN)}", "x-ms-version": "2023-11-03"}
        url = f"https://{account}.blob.core.windows.net/{container}/no-such-blob"
        try:
            answer = requests.head(url, headers=headers, timeout=30)
        except requests.RequestException as error:
            return type(error).__name__
        return f"{answer.status_code} {answer.headers.get('x-ms-error-code', '')}".strip()


STEP = Step(
    number=11,
    name="workspace",
    does="storage without keys, an ML workspace with its own identity, a model; purged, and its name again",
    price="cents",
    limit_s=3600,
    begin=Workspace,
    checks={
        "P-storage": Workspace.storage,
        "P-workspace": Workspace.made,
        "P-datastore": Workspace.datastore,
        "P-blob-role": Workspace.blob_role,
        "P-model": Workspace.model,
        "P-model-archive": Workspace.archived,
        "P-workspace-purge": Workspace.purged,
    },
)
