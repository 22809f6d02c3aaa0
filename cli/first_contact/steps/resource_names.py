"""Step 4: whether the stack's global names are free, or its own already."""

from __future__ import annotations

from cli.first_contact.contact import Contact
from cli.first_contact.finding import Surprise, wanted
from cli.first_contact.planned import PlannedResource
from cli.first_contact.step import Step
from cloud.errors import ServiceError
from cloud.purge import API_VERSIONS, deleted_vault

# type -> where its name is asked about, and with which type in the body (None: the hub takes the name alone)
_ASKED = {
    "storage:StorageAccount": ("Microsoft.Storage", "2023-05-01", "Microsoft.Storage/storageAccounts"),
    "keyvault:Vault": ("Microsoft.KeyVault", API_VERSIONS["vault"], "Microsoft.KeyVault/vaults"),
    "containerregistry:Registry": (
        "Microsoft.ContainerRegistry",
        "2023-07-01",
        "Microsoft.ContainerRegistry/registries",
    ),
    "iothub:IotHubResource": ("Microsoft.Devices", "2023-06-30", None),
}
_WORKSPACE = "machinelearningservices:Workspace"


class ResourceNames:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    def names(self) -> str:
        told, taken = [], []
        for type_name in _ASKED:
            for one in self._contact.planned.all(type_name):
                state = self._state(one)
                told.append(f"{one.azure_name} {state}")
                taken += [one.azure_name] if state.startswith("taken") else []
        return wanted(not taken, ", ".join(told))

    def soft_deleted(self) -> str:
        """An earlier destroy that died leaves a vault or a workspace that keeps its name."""
        locked = []
        for one in self._contact.planned.all("keyvault:Vault"):
            if self._contact.exists(deleted_vault(one.id, self._contact.location), API_VERSIONS["vault"]):
                locked.append(f"vault {one.azure_name}")
        for one in self._contact.planned.all(_WORKSPACE):
            locked += self._deleted_workspace(one)
        return wanted(not locked, f"soft-deleted: {', '.join(locked)}" if locked else "no vault and no workspace")

    def _state(self, one: PlannedResource) -> str:
        namespace, version, type_name = _ASKED[one.type]
        body = {"name": one.azure_name, **({"type": type_name} if type_name else {})}
        answer = self._contact.post(f"/providers/{namespace}/checkNameAvailability", version, body)
        if answer.get("nameAvailable") is True:
            return "is free"
        if answer.get("nameAvailable") is not False:
            raise Surprise(f"{namespace} answers no nameAvailable, but: {', '.join(answer)}")
        if self._contact.exists(one.id, one.api_version):
            return "is ours"
        return f"taken ({answer.get('reason')}: {str(answer.get('message'))[:100]})"

    def _deleted_workspace(self, one: PlannedResource) -> list[str]:
        """Azure has no list of them: a workspace that is soft-deleted says so when it is asked for."""
        try:
            self._contact.arm.get(one.id, one.api_version)
        except ServiceError as error:
            text = f"{error.code} {error.message}".lower()
            if "soft" in text and "delete" in text:
                return [f"workspace {one.azure_name}"]
            if error.status != 404:
                raise
        return []


STEP = Step(
    number=4,
    name="names",
    does="checkNameAvailability of storage, vault, registry and hub; the deleted vault; the workspace",
    price="nothing",
    limit_s=120,
    begin=ResourceNames,
    checks={"P-names": ResourceNames.names, "P-soft-deleted": ResourceNames.soft_deleted},
)
