"""The paths of a hub's host and what each needs.

https://learn.microsoft.com/rest/api/iothub/
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from standin.core.http import Request, Response
from standin.iothub import access
from standin.iothub.access import Permission
from standin.iothub.configurations import handlers as configurations
from standin.iothub.events import handlers as events
from standin.iothub.hub import Hub
from standin.iothub.query import handlers as queries
from standin.iothub.registry import handlers as registry
from standin.iothub.twins import handlers as twins

HubHandler = Callable[[Hub, Request, Mapping[str, str]], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class HubRoute:
    """`permission` is None where the handler itself knows who may (a device, with its own key)."""

    method: str
    pattern: str
    permission: Permission | None
    handler: HubHandler


_DEVICE, _MODULE = "/devices/{device}", "/devices/{device}/modules/{module}"
_TWIN, _MODULE_TWIN = "/twins/{device}", "/twins/{device}/modules/{module}"
_CONFIGURATION = "/configurations/{configuration}"

HUB_ROUTES: tuple[HubRoute, ...] = (
    HubRoute("POST", "/devices/query", access.READ_TWINS, queries.query),
    HubRoute("GET", "/devices", access.READ_IDENTITIES, registry.list_devices),
    HubRoute("GET", _DEVICE, access.READ_IDENTITIES, registry.get_device),
    HubRoute("PUT", _DEVICE, access.WRITE_IDENTITIES, registry.put_device),
    HubRoute("DELETE", _DEVICE, access.WRITE_IDENTITIES, registry.delete_device),
    HubRoute("GET", _DEVICE + "/modules", access.READ_IDENTITIES, registry.list_modules),
    HubRoute("GET", _MODULE, access.READ_IDENTITIES, registry.get_module),
    HubRoute("PUT", _MODULE, access.WRITE_IDENTITIES, registry.put_module),
    HubRoute("DELETE", _MODULE, access.WRITE_IDENTITIES, registry.delete_module),
    HubRoute("GET", "/statistics/devices", access.READ_IDENTITIES, registry.device_statistics),
    HubRoute("GET", "/statistics/service", access.READ_SERVICE, registry.service_statistics),
    HubRoute("GET", _TWIN, access.READ_TWINS, twins.get_twin),
    HubRoute("PATCH", _TWIN, access.WRITE_TWINS, twins.patch_twin),
    HubRoute("PUT", _TWIN, access.WRITE_TWINS, twins.put_twin),
    HubRoute("GET", _MODULE_TWIN, access.READ_TWINS, twins.get_twin),
    HubRoute("PATCH", _MODULE_TWIN, access.WRITE_TWINS, twins.patch_twin),
    HubRoute("PUT", _MODULE_TWIN, access.WRITE_TWINS, twins.put_twin),
    HubRoute("POST", _TWIN + "/methods", access.INVOKE_METHODS, twins.invoke_method),
    HubRoute("POST", _MODULE_TWIN + "/methods", access.INVOKE_METHODS, twins.invoke_method),
    HubRoute("POST", "/configurations/testQueries", access.WRITE_CONFIGURATIONS, configurations.test_queries),
    HubRoute("GET", "/configurations", access.READ_CONFIGURATIONS, configurations.list_configurations),
    HubRoute("GET", _CONFIGURATION, access.READ_CONFIGURATIONS, configurations.get_configuration),
    HubRoute("PUT", _CONFIGURATION, access.WRITE_CONFIGURATIONS, configurations.put_configuration),
    HubRoute("DELETE", _CONFIGURATION, access.WRITE_CONFIGURATIONS, configurations.delete_configuration),
    HubRoute("POST", _DEVICE + "/applyConfigurationContent", access.WRITE_CONFIGURATIONS, configurations.apply_content),
    HubRoute("POST", _DEVICE + "/messages/events", None, events.send_event),
    HubRoute("POST", _MODULE + "/messages/events", None, events.send_event),
)
