"""Typed resource classes of `mledge`, the provider of this project (other side: `infra.provider`); one file a type.

Here is what all of them share: arguments to wire names, outputs to typed properties.

Arguments are frozen dataclasses whose field names are translated (`inputs_digest` -> `inputsDigest`) all the way down;
the keys of plain mappings are data (hyperparameters, tags, manifest properties) and travel as they are. The properties
are handed to Pulumi under their wire names, so Pulumi's own two-way translation, which would also rename keys inside
mappings, has nothing to do. https://www.pulumi.com/docs/iac/concepts/resources/
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pulumi

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def wire_name(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def wire(value: object) -> Any:
    """The value as the provider receives it; fields that are None are left out: a nested None would travel as null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {wire_name(name): wire(item) for name, item in fields if item is not None}
    if isinstance(value, Mapping):
        return {key: wire(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [wire(item) for item in value]
    return value


class MledgeResource(pulumi.CustomResource):
    resource_type: ClassVar[str]
    outputs: ClassVar[tuple[str, ...]]
    secret_outputs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str, args: DataclassInstance, opts: pulumi.ResourceOptions | None = None) -> None:
        # The provider marks its secrets itself; saying it here too keeps them encrypted even if it forgot.
        secrets = pulumi.ResourceOptions(additional_secret_outputs=list(self.secret_outputs))
        properties = {**dict.fromkeys(self.outputs), **wire(args)}
        super().__init__(self.resource_type, name, properties, pulumi.ResourceOptions.merge(secrets, opts))

    def output(self, wire_name: str) -> pulumi.Output[Any]:
        value: pulumi.Output[Any] = self.__dict__[wire_name]
        return value
