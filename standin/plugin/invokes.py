"""azure-native's functions: a GET of every type that is served, and the few that ask Azure for keys."""

from __future__ import annotations

from collections.abc import Iterator

from pluginbase.resource import Invoke, OperationContext, Properties, ProviderError
from standin.plugin import mapping
from standin.plugin.account import Account
from standin.plugin.kinds import BY_TOKEN, KINDS, Kind

# Function, the type whose resource it is asked of, and the action.
_ACTIONS = (
    ("iothub:listIotHubResourceKeys", "iothub:IotHubResource", "listkeys"),
    ("iothub:listIotHubResourceKeysForKeyName", "iothub:IotHubResource", "IotHubKeys/{keyName}/listkeys"),
    ("storage:listStorageAccountKeys", "storage:StorageAccount", "listKeys"),
    ("operationalinsights:getSharedKeys", "operationalinsights:Workspace", "sharedKeys"),
)


def invokes(account: Account) -> dict[str, Invoke]:
    return {f"azure-native:{token}": function for token, function in _all(account)}


def _all(account: Account) -> Iterator[tuple[str, Invoke]]:
    yield "authorization:getClientConfig", lambda ctx, arguments: account.client()
    yield "authorization:getClientToken", lambda ctx, arguments: {"token": account.token()}
    for kind in KINDS:
        module, _, name = kind.token.partition(":")
        yield f"{module}:get{name}", _getter(account, kind)
    for token, owner, action in _ACTIONS:
        yield token, _action(account, BY_TOKEN[owner], action)


def _getter(account: Account, kind: Kind) -> Invoke:
    def get(ctx: OperationContext, arguments: Properties) -> Properties:
        id = _id(account, kind, arguments)
        found = account.arm().get(id, mapping.api_version(kind.token))
        if found is None:
            raise ProviderError(f'Status=404 Code="ResourceNotFound" Message="{id} was not found"')
        return {**mapping.outputs(kind.token, found), "id": found.get("id", id)}

    return get


def _action(account: Account, kind: Kind, action: str) -> Invoke:
    def act(ctx: OperationContext, arguments: Properties) -> Properties:
        id = _id(account, kind, arguments)
        return account.arm().post(f"{id}/{action.format_map(arguments)}", mapping.api_version(kind.token))

    return act


def _id(account: Account, kind: Kind, arguments: Properties) -> str:
    missing = [name for name in kind.params if not arguments.get(name)]
    if missing:
        raise ProviderError(f"{kind.token}: {', '.join(missing)} is missing")
    return kind.id(account.subscription, arguments)
