"""A class of the azure-native SDK under the API version that is right for us, where the SDK's own is not.

The SDK holds one version per class. The provider holds all and picks by the type token, so a pinned class is the SDK's
with the version put into its token (azure-native: provider.go, lookupResourceFromURN). The alias of the unversioned
token keeps a resource that was made under it: else the engine plans a create beside a delete, and the create dies.

    pinned(keyvault.Vault, "v20260201")("vault", vault_name=..., opts=...)

Called where a resource is made, not where a module begins: a class of the SDK costs the import of its module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import pulumi

R = TypeVar("R", bound=pulumi.CustomResource)


def pinned(cls: type[R], version: str, **always: object) -> type[R]:
    """`cls` of the SDK at an API version such as `v20260201`.

    `always` are properties that the version has and the SDK's class does not know, under their wire names.
    """
    subclass: type[R] = _subclass(cls, version, always)
    return subclass


def _subclass(cls: Any, version: str, always: Mapping[str, object]) -> Any:
    """The SDK's class calls `super().__init__` with its token and properties: what comes after it in the method order
    is the place to change both."""
    after = type("Registered", (_Registered,), {"_api_version": version, "_always": always})
    return type(cls.__name__, (cls, after), {})


class _Registered(pulumi.CustomResource):
    # names that no property of a resource has
    _api_version: str
    _always: Mapping[str, object]

    def __init__(self, t: str, name: str, props: Any, opts: pulumi.ResourceOptions, *rest: Any, **more: Any) -> None:
        props.__dict__.update(self._always)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=t)]))
        super().__init__(versioned(t, self._api_version), name, props, opts, *rest, **more)


def versioned(token: str, version: str) -> str:
    """`azure-native:keyvault:Vault` -> `azure-native:keyvault/v20260201:Vault`"""
    package, module, name = token.split(":")
    return f"{package}:{module}/{version}:{name}"
