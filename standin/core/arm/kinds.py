"""What a service tells the generic resource manager about one type of resource.

A kind is a class with a few attributes; every method has a default, so that a type that only remembers is three lines.
Resources are plain ARM envelopes (`location`, `tags`, `sku`, `identity`, `properties`, ...).
https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from standin.core.arm import ids
from standin.core.errors import BadRequest, Conflict, ServiceError
from standin.core.http import Request, Response, Service
from standin.core.obeys import Obeys, Part


@dataclass(slots=True, kw_only=True)
class Resource:
    id: str
    """As the client first spelt it."""
    type: str
    """As the kind spells it."""
    name: str
    body: dict[str, Any]
    """The envelope without id, name and type. Write-only values are in it; the answer leaves them out."""
    private: dict[str, Any] = field(default_factory=dict)
    """What only the stand-in knows (keys, container ids). Kept over updates, never answered."""
    created_at: str = ""
    changed_at: str = ""
    generation: int = 0

    @property
    def key(self) -> str:
        return self.id.lower()

    @property
    def properties(self) -> dict[str, Any]:
        properties: dict[str, Any] = self.body.setdefault("properties", {})
        return properties

    @property
    def location(self) -> str:
        return str(self.body.get("location", ""))

    @property
    def parts(self) -> ids.ResourceId:
        parts = ids.parse(self.id)
        if parts is None:
            raise ValueError(f"a resource's id does not parse: {self.id!r}")
        return parts

    @property
    def group(self) -> str:
        return self.parts.group

    @property
    def parent_id(self) -> str:
        return self.parts.parent


ActionHandler = Callable[[Resource, Request, Mapping[str, str]], Awaitable[Response]]
"""(resource, request, parameters of the action's pattern) -> response."""


class ResourceKind:
    type: ClassVar[str]
    """ "Microsoft.Devices/IotHubs", and children: "Microsoft.Devices/IotHubs/eventHubEndpoints/ConsumerGroups"."""
    tracked: ClassVar[bool] = True
    """Tracked resources must have a location; children and extensions (False) need none."""
    implied_parent: ClassVar[bool] = False
    """Whether creating it makes the thing above it too (a model's first version makes the model)."""
    create_only: ClassVar[tuple[str, ...]] = ()
    """Dotted paths of the body that an update may not change: "properties.osType", "properties.containers[*].name"."""
    write_only: ClassVar[tuple[str, ...]] = ()
    """Dotted paths that are never answered; [*] goes through lists (and the values of maps)."""
    defaults: ClassVar[Mapping[str, Any]] = {}
    """Merged under the body of every PUT."""
    keeps: ClassVar[tuple[str, ...] | None] = None
    """What a body may say beside the envelope: what the type obeys, and what Azure merely keeps and answers
    ("sku", "properties.accessTier"). All else that Azure knows is refused. None: the type does nothing but remember."""
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    """Dotted paths -> the values that are as the stand-in behaves anyway; another one is refused, not ignored."""
    unobeyed: ClassVar[Mapping[Part, str]] = Service.unobeyed
    """The codes in which this service refuses options, headers and fields that are not obeyed."""
    page: ClassVar[str] = "$top"
    next_page: ClassVar[str] = "$skiptoken"
    """How this service spells the size of a list's pages, and where the next one begins."""
    options: ClassVar[Mapping[str, Obeys]] = {}
    """What a GET, LIST, PUT, PATCH, DELETE or an action ("listKeys") obeys beside the api-version."""
    soft_delete: ClassVar[bool] = False
    """Deleting keeps the name taken until a purge: see `deleted_key`, `purges`, `meet_deleted`."""
    operation: ClassVar[Literal["none", "async", "location"]] = "async"
    """How a long PUT is followed under the `slow` profile: not at all, Azure-AsyncOperation, or 202 + Location."""
    delete_operation: ClassVar[Literal["none", "async", "location"]] = "location"
    update_operation: ClassVar[Literal["none", "async", "location"] | None] = None
    """Where an update is followed otherwise than a creation."""
    always_long: ClassVar[bool] = False
    """Whether its operations outlast their requests under every profile, because what they make takes its time."""
    patchable: ClassVar[tuple[str, ...] | None] = None
    """What a PATCH may say ("tags"), where that is less than a PUT may. None: all of it."""
    created_status: ClassVar[int] = 201
    updated_status: ClassVar[int] = 200
    """Of a PUT; a PATCH answers 200."""
    answers_deleted: ClassVar[bool] = False
    """Whether a DELETE that is done at once answers what was there."""
    system_data: ClassVar[bool] = True
    """Whether answers carry systemData: many services do not."""
    empty_tags: ClassVar[bool] = True
    """Whether a tracked resource without tags is answered with `"tags": {}`."""
    provisioning_state: ClassVar[bool] = True
    """Whether the type has properties.provisioningState (identities, role assignments and secrets have none)."""
    deletable: ClassVar[bool] = True
    """False where ARM knows no DELETE for the type; it still goes with what it lies in."""
    actions: Mapping[str, ActionHandler] = {}
    """Below a resource: "listKeys" (POST), "GET listUsages", "POST IotHubKeys/{key}/listkeys"."""
    long_actions: ClassVar[tuple[str, ...]] = ()
    """Those that are followed at a Location under the `slow` profile, where what they answer is told at the end."""
    actions_have_status: ClassVar[bool] = False
    """Whether an Azure-AsyncOperation tells beside it how they go, under every profile: clients want to read it."""

    def operation_of(self, *, update: bool) -> Literal["none", "async", "location"]:
        return self.update_operation if update and self.update_operation is not None else self.operation

    def missing(self, name: str) -> ServiceError | None:
        """The service's own 404, where it does not refuse as ARM does."""
        return None

    async def check(self, new: Resource, old: Resource | None) -> None:
        """Refuses bad input by raising a ServiceError; must change nothing else. May fill in `new`."""

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        """Makes it real; sets computed properties on `resource` (saved afterwards).

        `old` is what was there before an update. Runs again after a crash in the middle, so it must be idempotent. A
        raised ServiceError ends the operation as Failed: the resource stays, with provisioningState Failed.
        """

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        """Refuses a DELETE, by its options too, before its operation begins. What goes with its parent is not asked."""

    async def remove(self, resource: Resource) -> None:
        """Takes away what `apply` made; must succeed when it is already gone. May refuse by raising ServiceError."""

    async def purge(self, resource: Resource) -> None:
        """The end of a soft-deleted resource: what `remove` kept for a recovery goes too."""

    def view(self, resource: Resource) -> dict[str, Any]:
        """The body as answered, before write-only values are stripped. Override to mix in live state."""
        return resource.body

    async def more(self, resource: Resource, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Properties that a GET's options ask for beside the others (`$expand=instanceView`)."""
        return {}

    def list_scope(self, scope: str, query: Mapping[str, str]) -> str:
        """Below what a list looks: what its path says, where the type has no other rule."""
        return scope

    def select(self, resources: Sequence[Resource], query: Mapping[str, str]) -> Sequence[Resource]:
        """Filters and orders a list answer by the query's options."""
        return resources

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        """Azure's refusal of a change to a create-only property."""
        return BadRequest(
            f"Changing property '{path}' is not allowed.", code="PropertyChangeNotAllowed", details={"target": path}
        )

    def deleted_key(self, resource: Resource) -> str:
        """Under what the name stays taken after a soft delete: the id, or less where names are global."""
        return resource.key

    def retention_days(self, resource: Resource) -> int:
        """How long a soft-deleted one waits before Azure purges it."""
        return 14

    def etag(self, resource: Resource) -> str | None:
        """What If-Match is held against; None where Azure answers none for the type."""
        return None

    def purges(self, query: Mapping[str, str]) -> bool:
        """Whether this DELETE skips the soft delete (`forceToPurge=true`)."""
        return False

    def meet_deleted(self, new: Resource, deleted: Resource) -> Resource:
        """A PUT meets a soft-deleted resource of its name: refuse by raising, or answer what it becomes."""
        raise Conflict(f"A soft-deleted resource '{deleted.name}' has this name. Purge or recover it.")
