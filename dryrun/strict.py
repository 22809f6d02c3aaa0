"""Pulumi mocks that refuse what Azure or the engine would refuse, and record what the program registers.

The SDK's own mocks accept anything: a wrong SKU, a name too long, the same URN twice, an argument that is missing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks, rpc

from dryrun.computed import NOBODY, Client, computed, identifier
from dryrun.input_names import problems
from dryrun.invokes import answer
from dryrun.wire import on_the_wire, plain, short


@dataclass
class Registered:
    type: str
    name: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    secrets: list[str]
    depends_on: list[str]
    options: dict[str, Any]
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    """Input -> the resources whose outputs went into it: what the engine goes by when it deletes before it replaces."""
    outputs: dict[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        return asdict(self)


class StrictMocks(mocks.Mocks):
    """Answers as the two providers do: in a preview, with what is known then and no more."""

    def __init__(self, *, preview: bool, client: Client = NOBODY) -> None:
        self.preview = preview
        self._client = client

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return answer(args.token, args.args, self._client), []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            return None, {}
        inputs = on_the_wire(args.inputs)
        more = computed(args.typ, args.name, inputs)
        # the preview of a create knows the inputs; a name goes in under another key, an identity in another form
        known = {"identity": rpc.UNKNOWN} if "identity" in more else {}
        outputs = {**inputs, **(known if self.preview else more)}
        subscription = self._client.subscription_id
        return (None if self.preview else identifier(args.typ, args.name, inputs, subscription)), outputs


class RecordingMonitor(mocks.MockMonitor):
    def __init__(self, strict: StrictMocks) -> None:
        super().__init__(strict)
        self._previewing = strict.preview
        self.registered: dict[str, Registered] = {}
        self.stack_outputs: dict[str, Any] = {}
        self.stack_secrets: list[str] = []

    def RegisterResource(self, request: Any) -> Any:
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type == "pulumi:pulumi:Stack":
            return answer
        if answer.urn in self.registered:
            raise AssertionError(f"duplicate resource URN {answer.urn!r}; the engine refuses it")
        resource = _registered(request)
        if resource.custom and (wrong := problems(resource.type, resource.inputs, previewing=self._previewing)):
            raise AssertionError(f"{resource.type} {resource.name}: {'; '.join(wrong)}")
        self.registered[answer.urn] = resource
        for key in request.additionalSecretOutputs:
            held = dict(answer.object).get(key, rpc.UNKNOWN)
            answer.object.update({key: {rpc._special_sig_key: rpc._special_secret_sig, "value": held}})
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Empty:
        outputs, secrets = plain(MessageToDict(request.outputs))
        if "pulumi:pulumi:Stack" in request.urn:
            self.stack_outputs, self.stack_secrets = outputs, secrets
        elif request.urn not in self.registered:
            raise AssertionError(f"outputs of {request.urn}, which was not registered")
        else:
            self.registered[request.urn].outputs = outputs
        return Empty()


def _registered(request: Any) -> Registered:
    inputs, secrets = plain(MessageToDict(request.object))
    return Registered(
        type=request.type,
        name=request.name,
        parent=short(request.parent),
        custom=request.custom,
        inputs=inputs,
        secrets=secrets,
        depends_on=sorted({short(urn) for urn in request.dependencies}),
        options=_options(request),
        property_dependencies={
            name: sorted({short(urn) for urn in one.urns})
            for name, one in request.propertyDependencies.items()
            if one.urns
        },
    )


def _options(request: Any) -> dict[str, Any]:
    given = {
        "protect": request.protect,
        "deleteBeforeReplace": request.deleteBeforeReplace,
        "ignoreChanges": list(request.ignoreChanges),
        "replaceOnChanges": list(request.replaceOnChanges),
        "retainOnDelete": request.retainOnDelete,
        "additionalSecretOutputs": list(request.additionalSecretOutputs),
        "aliases": [alias.spec.type for alias in request.aliases if alias.HasField("spec")],
        "version": request.version,
    }
    found = {name: value for name, value in given.items() if value}
    # that it is not to be is said of what azure-native would delete first, as it has a name
    return found | ({"deleteBeforeReplace": request.deleteBeforeReplace} if request.deleteBeforeReplaceDefined else {})
