"""The paths of a hub's host and what each needs.

https://learn.microsoft.com/rest/api/iothub/
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from standin.core.http import Request, Response
from standin.iothub.hub import Hub
from standin.iothub.rest import configurations, identities, messages, methods, permissions, queries, twins
from standin.iothub.rest.permissions import Permission

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
    HubRoute("POST", "/devices/query", permissions.READ_TWINS, queries.query),
    HubRoute("GET", "/devices", permissions.READ_IDENTITIES, identities.list_devices),
    # as azure-iothub of Node asks
    HubRoute("GET", "/devices/", permissions.READ_IDENTITIES, identities.list_devices),
    HubRoute("GET", _DEVICE, permissions.READ_IDENTITIES, identities.get_device),
    HubRoute("PUT", _DEVICE, permissions.WRITE_IDENTITIES, identities.put_device),
    HubRoute("DELETE", _DEVICE, permissions.WRITE_IDENTITIES, identities.delete_device),
    HubRoute("GET", _DEVICE + "/modules", permissions.READ_IDENTITIES, identities.list_modules),
    HubRoute("GET", _MODULE, permissions.READ_IDENTITIES, identities.get_module),
    HubRoute("PUT", _MODULE, permissions.WRITE_IDENTITIES, identities.put_module),
    HubRoute("DELETE", _MODULE, permissions.WRITE_IDENTITIES, identities.delete_module),
    HubRoute("GET", "/statistics/devices", permissions.READ_IDENTITIES, identities.device_statistics),
    HubRoute("GET", "/statistics/service", permissions.READ_SERVICE, identities.service_statistics),
    HubRoute("GET", _TWIN, permissions.READ_TWINS, twins.get_twin),
    HubRoute("PATCH", _TWIN, permissions.WRITE_TWINS, twins.patch_twin),
    HubRoute("PUT", _TWIN, permissions.WRITE_TWINS, twins.put_twin),
    HubRoute("GET", _MODULE_TWIN, permissions.READ_TWINS, twins.get_twin),
    HubRoute("PATCH", _MODULE_TWIN, permissions.WRITE_TWINS, twins.patch_twin),
    HubRoute("PUT", _MODULE_TWIN, permissions.WRITE_TWINS, twins.put_twin),
    HubRoute("POST", _TWIN + "/methods", permissions.INVOKE_METHODS, methods.invoke_method),
    HubRoute("POST", _MODULE_TWIN + "/methods", permissions.INVOKE_METHODS, methods.invoke_method),
    HubRoute("POST", "/configurations/testQueries", permissions.WRITE_CONFIGURATIONS, configurations.test_queries),
    HubRoute("GET", "/configurations", permissions.READ_CONFIGURATIONS, configurations.list_configurations),
    HubRoute("GET", _CONFIGURATION, permissions.READ_CONFIGURATIONS, configurations.get_configuration),
    HubRoute("PUT", _CONFIGURATION, permissions.WRITE_CONFIGURATIONS, configurations.put_configuration),
    HubRoute("DELETE", _CONFIGURATION, permissions.WRITE_CONFIGURATIONS, configurations.delete_configuration),
    HubRoute(
        "POST", _DEVICE + "/applyConfigurationContent", permissions.WRITE_CONFIGURATIONS, configurations.apply_content
    ),
    HubRoute("POST", _DEVICE + "/messages/events", None, messages.send_event),
    HubRoute("POST", _MODULE + "/messages/events", None, messages.send_event),
)
