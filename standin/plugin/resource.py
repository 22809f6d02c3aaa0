"""One azure-native resource type over ARM, behaving as the real plugin does.

https://github.com/pulumi/pulumi-azure-native/blob/master/provider/pkg/provider/provider.go
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pluginbase.diff import Change, changes
from pluginbase.resource import (
    UNKNOWN,
    Failure,
    Gone,
    OperationContext,
    PartialFailure,
    Properties,
    ProviderError,
    Resource,
)
from standin.plugin import mapping
from standin.plugin.account import Account
from standin.plugin.drift import drifted
from standin.plugin.kinds import Kind
from standin.plugin.operations import Operation

if TYPE_CHECKING:
    from azure.core.rest import HttpResponse

_PACKAGE = "azure-native"
_VERSION_SEGMENT = re.compile(r"/v(\d{4})(\d{2})(\d{2})(\w*)(?=:)")
_SECRETS_VERSION = "7.5"


def canonical(token: str) -> str:
    """The token without the API version that a program may pin: `azure-native:web/v20240101:Site`."""
    return _VERSION_SEGMENT.sub("", token)


class AzureResource(Resource):
    """A line of kinds.py, served."""

    # Every resource here is named by the program, and a name can be had once.
    delete_before_replace = True
    stable_outputs = ("name", "location")

    def __init__(self, kind: Kind, account: Account) -> None:
        self.token = f"{_PACKAGE}:{kind.token}"
        self.kind = kind
        self.replace_on = kind.replace_on | {*kind.params, "location"}
        self._account = account

    # -- without Azure

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        checked = {**news, "azureApiVersion": self._version(ctx.type)}
        failures = []
        for param in self.kind.params:
            if checked.get(param) is None and olds.get(param) is not None:
                checked[param] = olds[param]
            if checked.get(param) is None:
                failures.append(Failure(param, "is missing: here every resource is named by the program"))
        if mapping.has_field(self.kind.token, "location") and checked.get("location") is None:
            location = olds.get("location") or self._location(checked)
            if location is not None:
                checked["location"] = location
        return checked, failures + mapping.check(self.kind.token, checked)

    def diff(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> list[Change]:
        return changes(_comparable(olds), _comparable(news), self.replace_on)

    def preview_outputs(self, ctx: OperationContext, inputs: Properties) -> Properties:
        return {**mapping.preview(self.kind.token, inputs), "azureApiVersion": self._version(ctx.type)}

    # -- with it

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        id = self.kind.id(self._account.subscription, inputs)
        # Asked once: whatever appears after that, in this same call, is what a repeated PUT made.
        if self._account.arm().get(id, self._version(ctx.type)) is not None:
            raise ProviderError(f"cannot create already existing resource '{id}'")
        return self._put(ctx, id, inputs)

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        return self._put(ctx, id, news)[1]

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        version = self._version(ctx.type)
        live = self._account.arm().get(id, version)
        if live is None:
            raise Gone
        outputs = self._outputs(ctx, live)
        now = mapping.inputs_of(self.kind.token, outputs)
        if not state:
            return id, {**now, **self.kind.names(id), "azureApiVersion": version}, outputs
        return id, drifted(inputs, mapping.inputs_of(self.kind.token, state), now), outputs

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        if self.kind.plane == "vault secret":
            names = self.kind.names(id)
            self._account.vault(names["vaultName"]).send("DELETE", f"/secrets/{names['secretName']}", _SECRETS_VERSION)
            return
        version = self._version(ctx.type)
        accepted = self._account.arm().send("DELETE", id, version)
        if accepted.status_code == 404:
            raise Gone
        Operation(self._account.arm(), ctx, id, version).finish(accepted)

    # -- parts of these

    def _put(self, ctx: OperationContext, id: str, inputs: Properties) -> tuple[str, Properties]:
        version = self._version(ctx.type)
        body = mapping.body(self.kind.token, inputs, self.kind.params)
        accepted = self._account.arm().send("PUT", id, version, body)
        try:
            Operation(self._account.arm(), ctx, id, version).finish(accepted)
            live = self._account.arm().get(id, version)
        except ProviderError as error:
            # Azure has taken it in: it exists, in whatever shape, and must not be forgotten.
            raise PartialFailure(id, self._made_so_far(ctx, id, accepted), [str(error)]) from error
        if live is None:
            raise PartialFailure(id, self._shown(ctx, accepted), [f"{id} is gone right after it was made"])
        return str(live.get("id") or id), self._outputs(ctx, live)

    def _made_so_far(self, ctx: OperationContext, id: str, accepted: HttpResponse) -> Properties:
        try:
            live = self._account.arm().get(id, self._version(ctx.type))
        except ProviderError:
            return self._shown(ctx, accepted)
        return self._outputs(ctx, live) if live is not None else self._shown(ctx, accepted)

    def _shown(self, ctx: OperationContext, accepted: HttpResponse) -> Properties:
        from standin.plugin.arm import content

        return self._outputs(ctx, content(accepted))

    def _outputs(self, ctx: OperationContext, live: dict[str, Any]) -> Properties:
        return {**mapping.outputs(self.kind.token, live), "azureApiVersion": self._version(ctx.type)}

    def _version(self, token: str) -> str:
        """The API version: the one that the token pins, else the SDK's."""
        pinned = _VERSION_SEGMENT.search(token)
        if pinned is None:
            return mapping.api_version(self.kind.token)
        year, month, day, suffix = pinned.groups()
        return f"{year}-{month}-{day}" + (f"-{suffix}" if suffix else "")

    def _location(self, inputs: Properties) -> Any:
        """Where none is given: the configured one, else that of the resource group."""
        group = inputs.get("resourceGroupName")
        if self._account.default_location or group is None or self.kind.params == ("resourceGroupName",):
            return self._account.default_location
        if group is UNKNOWN:
            return UNKNOWN
        path = f"/subscriptions/{self._account.subscription}/resourceGroups/{group}"
        found = self._account.arm().get(path, mapping.api_version("resources:ResourceGroup"))
        return found.get("location") if found is not None else UNKNOWN


def _comparable(inputs: Properties) -> Properties:
    """Inputs without what is no difference: nulls, and the spelling of a location."""
    kept = {name: value for name, value in inputs.items() if value is not None}
    if isinstance(kept.get("location"), str):
        kept["location"] = kept["location"].replace(" ", "").lower()
    return kept
