"""Pulumi mocks that refuse what Azure or the engine would refuse, and record what the program registers.

The SDK's own mocks accept anything: a wrong SKU, a name too long, the same URN twice, an argument that is missing.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.output import Unknown
from pulumi.runtime import mocks, rpc

from dryrun.input_names import problems
from standin.plugin.kinds import BY_TOKEN

SUBSCRIPTION = "00000000-0000-0000-0000-0000000000a1"
TENANT = "00000000-0000-0000-0000-0000000000a2"
DEPLOYER = "00000000-0000-0000-0000-0000000000a3"
UNKNOWN = "<unknown>"
LOGIN_SERVER = "127.0.0.1:20002"


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

    def __init__(self, *, preview: bool) -> None:
        self.preview = preview

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        if args.token != "azure-native:authorization:getClientConfig":  # noqa: S105 - a function
            raise AssertionError(f"the program calls {args.token}: a reader may preview, so no key is listed")
        answer = {"clientId": DEPLOYER, "objectId": DEPLOYER, "subscriptionId": SUBSCRIPTION, "tenantId": TENANT}
        return answer, []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            return None, {}
        inputs = _on_the_wire(args.inputs)
        computed = _mledge(args.typ, inputs) if args.typ.startswith("mledge:") else _azure(args.typ, args.name, inputs)
        # the preview of a create knows the inputs; a name goes in under another key, an identity in another form
        known = {"identity": rpc.UNKNOWN} if "identity" in computed else {}
        outputs = {**inputs, **(known if self.preview else computed)}
        return (None if self.preview else _identifier(args.typ, args.name, inputs)), outputs


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
        inputs, secrets = _plain(MessageToDict(request.object))
        found = Registered(
            type=request.type,
            name=request.name,
            parent=_short(request.parent),
            custom=request.custom,
            inputs=inputs,
            secrets=secrets,
            depends_on=sorted({_short(urn) for urn in request.dependencies}),
            options=_options(request),
            property_dependencies={
                name: sorted({_short(urn) for urn in one.urns})
                for name, one in request.propertyDependencies.items()
                if one.urns
            },
        )
        if found.custom and (wrong := problems(found.type, inputs, previewing=self._previewing)):
            raise AssertionError(f"{found.type} {found.name}: {'; '.join(wrong)}")
        self.registered[answer.urn] = found
        for key in request.additionalSecretOutputs:
            held = dict(answer.object).get(key, rpc.UNKNOWN)
            answer.object.update({key: {rpc._special_sig_key: rpc._special_secret_sig, "value": held}})
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Empty:
        outputs, secrets = _plain(MessageToDict(request.outputs))
        if "pulumi:pulumi:Stack" in request.urn:
            self.stack_outputs, self.stack_secrets = outputs, secrets
        elif request.urn not in self.registered:
            raise AssertionError(f"outputs of {request.urn}, which was not registered")
        else:
            self.registered[request.urn].outputs = outputs
        return Empty()


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
    return {name: value for name, value in given.items() if value}


def _plain(value: Any, path: str = "") -> tuple[Any, list[str]]:
    """A wire value without secret marks, and the paths that were marked."""
    if value == rpc.UNKNOWN:
        return UNKNOWN, []
    if isinstance(value, Mapping):
        if value.get(rpc._special_sig_key) == rpc._special_secret_sig:
            inner, more = _plain(value["value"], path)
            return inner, [path, *more]
        parts = {key: _plain(item, f"{path}.{key}".lstrip(".")) for key, item in value.items()}
        return {key: part for key, (part, _) in parts.items()}, [s for _, found in parts.values() for s in found]
    if isinstance(value, list):
        items = [_plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
        return [part for part, _ in items], [s for _, found in items for s in found]
    return value, []


def _on_the_wire(value: Any) -> Any:
    """Unknowns as the text that they travel as, so that they can be echoed."""
    if isinstance(value, Unknown):
        return rpc.UNKNOWN
    if isinstance(value, Mapping):
        return {key: _on_the_wire(item) for key, item in value.items()}
    return [_on_the_wire(item) for item in value] if isinstance(value, list) else value


def _short(urn: str) -> str:
    """`type name` of a URN; empty for the stack."""
    if not urn or "pulumi:pulumi:Stack::" in urn:
        return ""
    _, _, types, name = urn.removeprefix("urn:pulumi:").split("::")
    return f"{types.rpartition('$')[2]} {name}"


def _identifier(kind: str, name: str, inputs: Mapping[str, Any]) -> str:
    """The resource id that ARM gives, or a plain one for our provider's types."""
    if kind.startswith("mledge:"):
        return f"{kind}/{name}"
    return BY_TOKEN[azure_token(kind)].id(SUBSCRIPTION, dict(inputs))


def azure_token(kind: str) -> str:
    """`<module>:<Class>`, without package and pinned version."""
    return re.sub(r"^azure-native:(\w+)(/v\w+)?:", r"\1:", kind)


_PATH_NAMES = (
    "registryName", "scopeMapName", "tokenName", "accountName", "vaultName", "workspaceName", "containerGroupName",
    "resourceName", "resourceGroupName", "roleAssignmentName",
)  # fmt: skip


def _azure(kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    own = {
        "ScopeMap": "scopeMapName",
        "Token": "tokenName",
        "ResourceGroup": "resourceGroupName",
    }.get(kind.rpartition(":")[2])
    keys = [own] if own else [key for key in _PATH_NAMES if key != "resourceGroupName"]
    computed: dict[str, Any] = {"name": next((inputs[key] for key in keys if key in inputs), name)}
    short = kind.rpartition(":")[2]
    if short == "UserAssignedIdentity":
        computed["principalId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    if short == "Registry":
        computed["loginServer"] = LOGIN_SERVER
    if short == "ContainerGroup":
        computed["ipAddress"] = {**inputs["ipAddress"], "ip": "127.0.0.9", "fqdn": f"{name}.example"}
    identity = inputs.get("identity")
    if isinstance(identity, Mapping) and isinstance(identity.get("userAssignedIdentities"), list):
        # a list of ids goes in, a mapping comes out
        computed["identity"] = {
            **identity,
            "userAssignedIdentities": {i: {} for i in identity["userAssignedIdentities"]},
        }
    return computed


def _mledge(kind: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    # a threshold is checked, nothing is learned from it
    learned = sorted((name, value) for name, value in inputs.items() if name != "thresholds")
    digest = hashlib.sha256(repr(learned).encode()).hexdigest()
    computed: dict[str, dict[str, Any]] = {
        "TrainingRun": {"digest": digest, "version": digest[:12], "metrics": {"accuracy": 0.99}, "card": {"schema": 1}},
        "RegisteredModel": {"version": digest[:12], "modelId": f"/models/{digest[:12]}"},
        "Image": {
            "ref": f"{inputs.get('loginServer')}/{inputs.get('repository')}@sha256:{digest}",
            "imageDigest": f"sha256:{digest}",
        },
        "TokenPassword": {
            "username": inputs.get("tokenName"),
            "password": "canary-token-password",
            "passwordName": "password1",
            "expiry": "2027-11-21T00:00:00Z",
        },
        "DeviceIdentity": {
            "primaryKey": "canary-device-key",
            "connectionString": "HostName=x;SharedAccessKey=canary-device-key",
            "generationId": "1",
        },
        "EdgeDeployment": {"configurationId": inputs.get("name"), "contentDigest": digest, "effectivePriority": 20},
        "Certificate": {
            "certificatePem": "certificate",
            "privateKeyPem": "canary-private-key",
            "caPem": "ca",
            "notAfter": "2029-02-23T00:00:00Z",
        },
        "Key": {"value": "canary-scoring-key"},
        "Purge": {},
        "RoleReady": {},
    }
    return computed[kind.rpartition(":")[2]]
