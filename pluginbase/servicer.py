"""Translates the engine's RPCs into calls of `Resource` methods.

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
The SDK's own `pulumi.provider.experimental` is not used: it knows no unknowns, no old inputs and no partial state.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from google.protobuf import empty_pb2

from pluginbase.diff import Change, without
from pluginbase.engine import Engine
from pluginbase.failures import Context, Reporting
from pluginbase.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from pluginbase.resource import Failure, Gone, Invoke, OperationContext, ProviderError, Resource, type_of
from pluginbase.secrets import Secrets
from pluginbase.values import Properties, dump, has_unknown, load

_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One provider. Its resources are shared by all worker threads, so they keep no state of one operation.

    `server.serve` makes one; a test serves its own in process:

        server, port = start(Servicer("toy", "0.1.0", [Box()]))
    """

    def __init__(
        self,
        name: str,
        version: str,
        resources: Iterable[Resource],
        *,
        invokes: Mapping[str, Invoke] | None = None,
        on_configure: Callable[[Properties], None] | None = None,
        canonical: Callable[[str], str] = str,
        prepare: Callable[[], None] | None = None,
        cancelled: threading.Event | None = None,
        plain_errors: tuple[type[Exception], ...] = (),
    ) -> None:
        """`canonical` maps a token as the program writes it to one that is registered here; `cancelled` is set at the
        engine's Cancel; `plain_errors` are shown to the user as a ProviderError is: their text, no traceback."""
        self.name = name
        self.version = version
        self.engine = Engine()
        self.cancelled = cancelled or threading.Event()
        self.config: Properties = {}
        self._resources = {resource.token: resource for resource in resources}
        self._invokes = dict(invokes or {})
        self._on_configure = on_configure
        self._canonical = canonical
        self._prepare = prepare
        self._plain_errors = plain_errors
        self._preparing = threading.Lock()

    # -- the plugin itself

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        self.engine.connect(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        # An attached plugin outlives its engine, so the Ctrl-C of the last run is not meant for this one.
        self.cancelled.clear()
        self.engine.connect(request.address)
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self.version)

    def GetSchema(self, request: provider_pb2.GetSchemaRequest, context: Context) -> provider_pb2.GetSchemaResponse:
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": self.name, "version": self.version}))

    def GetMapping(self, request: provider_pb2.GetMappingRequest, context: Context) -> provider_pb2.GetMappingResponse:
        return provider_pb2.GetMappingResponse()

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        self.cancelled.set()
        return empty_pb2.Empty()

    # -- its configuration

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        olds, news = load(request.olds)[0], load(request.news)[0]
        changed = {name for name in olds.keys() | news.keys() if olds.get(name) != news.get(name)} - {"version"}
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some if changed else none, diffs=sorted(changed))

    def Configure(self, request: provider_pb2.ConfigureRequest, context: Context) -> provider_pb2.ConfigureResponse:
        self.config, secrets = load(request.args)
        with self._failures(context, self._ctx("", Secrets((self.config, secrets)))):
            if self._on_configure is not None:
                self._on_configure(self.config)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    # -- functions

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:
        arguments, secrets = load(request.args)
        ctx = self._ctx("", Secrets((arguments, secrets)), preview=request.preview)
        response = provider_pb2.InvokeResponse()
        with self._failures(context, ctx):
            result = self._invoke(request.tok, ctx, arguments)
            getattr(response, "return").CopyFrom(dump(result))
        return response

    def _invoke(self, token: str, ctx: OperationContext, arguments: Properties) -> Properties:
        function = self._invokes.get(self._canonical(token))
        if function is None:
            raise ProviderError(f"unknown function {token!r}: {self.name} has {_listed(self._invokes)}")
        if has_unknown(arguments):
            raise ProviderError(f"{token}: an argument is not known yet")
        return function(ctx, arguments)

    # -- resources

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        olds, old_secrets = load(request.olds)
        news, secrets = load(request.news)
        ctx = self._ctx(request.urn, Secrets((news, secrets), earlier=[(olds, old_secrets)]))
        with self._failures(context, ctx):
            checked, failures = self._resource(request.urn).check(ctx, olds, news)
            return provider_pb2.CheckResponse(
                inputs=dump(checked, secrets), failures=[_shown(failure, ctx.secrets, news) for failure in failures]
            )

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        olds, old_secrets = load(request.old_inputs)
        news, secrets = load(request.news)
        state, _ = load(request.olds)
        ctx = self._ctx(request.urn, Secrets((news, secrets), earlier=[(olds, old_secrets)]))
        with self._failures(context, ctx):
            resource = self._resource(request.urn)
            if resource.diff_asks_service:
                self._prepared()
            changes = resource.diff(ctx, request.id, olds, news, state)
            return _diff_response(resource, without(changes, request.ignoreChanges))

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        inputs, secrets = load(request.properties)
        ctx = self._ctx(
            request.urn, Secrets((inputs, secrets)), preview=request.preview, timeout_seconds=request.timeout
        )
        with self._failures(context, ctx, inputs):
            resource = self._resource(request.urn)
            id, outputs = "", {}
            if request.preview:
                outputs = resource.preview_outputs(ctx, inputs)
            else:
                self._prepared()
                id, outputs = resource.create(ctx, inputs)
            return provider_pb2.CreateResponse(id=id, properties=_outputs(resource, ctx, outputs))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        inputs, secrets = load(request.inputs)
        state, state_secrets = load(request.properties)
        ctx = self._ctx(request.urn, Secrets((inputs, secrets), (state, state_secrets)))
        with self._failures(context, ctx, inputs):
            resource = self._resource(request.urn)
            self._prepared()
            try:
                id, live, outputs = resource.read(ctx, request.id, inputs, state)
            except Gone:
                return provider_pb2.ReadResponse()
            places = Secrets((inputs, secrets)).places(live)
            return provider_pb2.ReadResponse(
                id=id, inputs=dump(live, places), properties=_outputs(resource, ctx, outputs)
            )

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        state, state_secrets = load(request.olds)
        olds, old_secrets = load(request.old_inputs)
        news, secrets = load(request.news)
        known = Secrets((news, secrets), earlier=[(state, state_secrets), (olds, old_secrets)])
        ctx = self._ctx(request.urn, known, preview=request.preview, timeout_seconds=request.timeout)
        with self._failures(context, ctx, news):
            resource = self._resource(request.urn)
            if not request.preview:
                self._prepared()
            operation = resource.preview_update if request.preview else resource.update
            outputs = operation(ctx, request.id, olds, news, state)
            return provider_pb2.UpdateResponse(properties=_outputs(resource, ctx, outputs))

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:
        state, state_secrets = load(request.properties)
        inputs, secrets = load(request.old_inputs)
        known = Secrets((state, state_secrets), (inputs, secrets))
        ctx = self._ctx(request.urn, known, timeout_seconds=request.timeout)
        with self._failures(context, ctx, inputs):
            self._prepared()
            try:
                self._resource(request.urn).delete(ctx, request.id, inputs, state)
            except Gone:
                return empty_pb2.Empty()
        return empty_pb2.Empty()

    # -- shared by them

    def _prepared(self) -> None:
        """Before the first operation that talks to a service, and once: the engine asks for many of them at a time."""
        with self._preparing:
            prepare, self._prepare = self._prepare, None
            if prepare is not None:
                prepare()

    def _ctx(
        self, urn: str, secrets: Secrets, *, preview: bool = False, timeout_seconds: float = 0.0
    ) -> OperationContext:
        return OperationContext(
            urn=urn,
            preview=preview,
            timeout_seconds=timeout_seconds,
            secrets=secrets,
            config=self.config,
            engine=self.engine,
            cancelled=self.cancelled,
        )

    def _resource(self, urn: str) -> Resource:
        token = type_of(urn)
        resource = self._resources.get(self._canonical(token))
        if resource is None:
            raise ProviderError(f"unknown resource type {token!r}: {self.name} has {_listed(self._resources)}")
        return resource

    def _failures(self, context: Context, ctx: OperationContext, inputs: Properties | None = None) -> Reporting:
        return Reporting(
            context,
            ctx,
            plugin=self.name,
            plain_errors=self._plain_errors,
            secret_outputs=self._secret_outputs(ctx.type),
            inputs=inputs,
        )

    def _secret_outputs(self, token: str) -> frozenset[str]:
        resource = self._resources.get(self._canonical(token))
        return resource.secret_outputs if resource is not None else frozenset()


def _outputs(resource: Resource, ctx: OperationContext, outputs: Properties) -> Any:
    return dump(outputs, ctx.secrets.places(outputs, resource.secret_outputs))


def _shown(failure: Failure, secrets: Secrets, news: Properties) -> provider_pb2.CheckFailure:
    """The engine prints the value of a property that a failure names: even a secret one, none for a nested one, and
    page after page for a whole mapping. So only a plain top-level scalar is named as such.
    """
    reason = secrets.scrub(failure.reason)
    scalar = isinstance(news.get(failure.path), str | int | float | bool)
    if scalar and not secrets.covers(failure.path):
        return provider_pb2.CheckFailure(property=failure.path, reason=reason)
    return provider_pb2.CheckFailure(reason=f"{failure.path}: {reason}" if failure.path else reason)


def _diff_response(resource: Resource, changes: Sequence[Change]) -> provider_pb2.DiffResponse:
    replaces = sorted({str(change.path[0]) for change in changes if change.replace})
    some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some if changes else none,
        replaces=replaces,
        deleteBeforeReplace=bool(replaces) and resource.delete_before_replace,
        detailedDiff={
            change.text: provider_pb2.PropertyDiff(kind=_KINDS[change.kind, change.replace], inputDiff=True)
            for change in changes
        },
        hasDetailedDiff=True,
        diffs=sorted({str(change.path[0]) for change in changes}),
        stables=[] if replaces else list(resource.stable_outputs),
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
