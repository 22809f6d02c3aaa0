"""Whether who says to be a device or a module is it.

https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-sas#device-access
"""

from __future__ import annotations

from collections.abc import Callable

from standin.iothub.kernel.hub_record import DEVICE, HubRecord
from standin.iothub.kernel.tokens import TokenError, parse_token
from standin.iothub.registry.state import IdentityRegistry


class DeviceAuthentication:
    """`record()` gives the hub's settings as they are now."""

    def __init__(self, registry: IdentityRegistry, record: Callable[[], HubRecord]) -> None:
        self._registry = registry
        self._record = record

    def check_token(self, resource: str, token: str) -> bool:
        """Whether the SAS `token` lets its bearer act as `resource` (`<host>/devices/<d>[/modules/<m>]`).

        It is signed with a key of that module, of its device, or of a policy with DeviceConnect; not expired; and the
        identity exists and is enabled.
        """
        try:
            parsed = parse_token(token)
            parsed.check(self._keys(parsed.resource, parsed.policy))
        except TokenError:
            return False
        identities = [self._registry.find(*parts) for parts in _owners(resource)]
        enabled = bool(identities) and all(one is not None and one.enabled for one in identities)
        return enabled and parsed.covers(resource)

    def _keys(self, resource: str, policy: str | None) -> list[str]:
        record = self._record()
        if policy is not None:
            return record.policy_keys(policy, DEVICE)
        owners = _owners(resource)
        allowed = record.module_sas if len(owners) == 2 else record.device_sas
        identity = self._registry.find(*owners[-1]) if owners and allowed else None
        return [identity.primary_key, identity.secondary_key] if identity is not None else []


def _owners(resource: str) -> list[tuple[str, str | None]]:
    """The identities that `<host>/devices/<d>[/modules/<m>]` names: the device, then the module. None for another."""
    match resource.split("/")[1:]:
        case ["devices", device]:
            return [(device, None)]
        case ["devices", device, "modules", module]:
            return [(device, None), (device, module)]
        case _:
            return []
