"""The paths of a hub's host and what each needs.

https://learn.microsoft.com/rest/api/iothub/
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from standin.core.http import Request, Response
from standin.core.obeys import NOTHING, Obeys, obeys
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
    obeys: Obeys = NOTHING
    own: bool = False
    """Whether the device of the path may, too, with its own key."""


_DEVICE, _MODULE = "/devices/{device}", "/devices/{device}/modules/{module}"
_TWIN, _MODULE_TWIN = "/twins/{device}", "/twins/{device}/modules/{module}"
_CONFIGURATION = "/configurations/{configuration}"

_PAGED = obeys(query="top maxCount")
_QUERY = obeys(headers="x-ms-max-item-count x-ms-continuation", fields="query")
_DELETED = obeys(headers="if-match")
_AUTHENTICATION = (
    "authentication.type authentication.symmetricKey.primaryKey authentication.symmetricKey.secondaryKey "
    "authentication.x509Thumbprint.primaryThumbprint authentication.x509Thumbprint.secondaryThumbprint "
)
# What only answers say (generationId, connectionState, ...) comes back in a body that was read, and asks for nothing.
_ANSWERED = "etag generationId connectionState connectionStateUpdatedTime lastActivityTime cloudToDeviceMessageCount "
_PUT_DEVICE = obeys(
    headers="if-match",
    fields=_AUTHENTICATION + _ANSWERED + "deviceId status statusReason statusUpdatedTime capabilities.iotEdge "
    "deviceScope parentScopes",
)
_PUT_MODULE = obeys(headers="if-match", fields=_AUTHENTICATION + _ANSWERED + "deviceId moduleId managedBy")
_WRITE_TWIN = obeys(
    headers="if-match",
    fields="tags properties.desired properties.reported etag deviceId moduleId version deviceEtag status statusReason "
    "statusUpdateTime connectionState lastActivityTime cloudToDeviceMessageCount authenticationType x509Thumbprint "
    "modelId capabilities deviceScope parentScopes",
)
_INVOKED = obeys(fields="methodName payload responseTimeoutInSeconds connectTimeoutInSeconds")
_CONTENT = "modulesContent deviceContent moduleContent"
_PUT_CONFIGURATION = obeys(
    headers="if-match",
    fields="id schemaVersion labels contentType targetCondition createdTimeUtc lastUpdatedTimeUtc priority "
    "systemMetrics metrics.queries metrics.results etag " + " ".join(f"content.{name}" for name in _CONTENT.split()),
)
_TESTED = obeys(fields="targetCondition customMetricQueries")
_EVENT = obeys(
    headers="iothub-app-* iothub-messageid iothub-correlationid iothub-userid iothub-contenttype "
    "iothub-contentencoding iothub-to",
    body=True,
)

HUB_ROUTES: tuple[HubRoute, ...] = (
    HubRoute("POST", "/devices/query", permissions.READ_TWINS, queries.query, _QUERY),
    HubRoute("GET", "/devices", permissions.READ_IDENTITIES, identities.list_devices, _PAGED),
    # as azure-iothub of Node asks
    HubRoute("GET", "/devices/", permissions.READ_IDENTITIES, identities.list_devices, _PAGED),
    HubRoute("GET", _DEVICE, permissions.READ_IDENTITIES, identities.get_device),
    HubRoute("PUT", _DEVICE, permissions.WRITE_IDENTITIES, identities.put_device, _PUT_DEVICE),
    HubRoute("DELETE", _DEVICE, permissions.WRITE_IDENTITIES, identities.delete_device, _DELETED),
    HubRoute("GET", _DEVICE + "/modules", permissions.READ_IDENTITIES, identities.list_modules, own=True),
    HubRoute("GET", _MODULE, permissions.READ_IDENTITIES, identities.get_module),
    HubRoute("PUT", _MODULE, permissions.WRITE_IDENTITIES, identities.put_module, _PUT_MODULE),
    HubRoute("DELETE", _MODULE, permissions.WRITE_IDENTITIES, identities.delete_module, _DELETED),
    HubRoute("GET", "/statistics/devices", permissions.READ_IDENTITIES, identities.device_statistics),
    HubRoute("GET", "/statistics/service", permissions.READ_SERVICE, identities.service_statistics),
    HubRoute("GET", _TWIN, permissions.READ_TWINS, twins.get_twin),
    HubRoute("PATCH", _TWIN, permissions.WRITE_TWINS, twins.patch_twin, _WRITE_TWIN),
    HubRoute("PUT", _TWIN, permissions.WRITE_TWINS, twins.put_twin, _WRITE_TWIN),
    HubRoute("GET", _MODULE_TWIN, permissions.READ_TWINS, twins.get_twin),
    HubRoute("PATCH", _MODULE_TWIN, permissions.WRITE_TWINS, twins.patch_twin, _WRITE_TWIN),
    HubRoute("PUT", _MODULE_TWIN, permissions.WRITE_TWINS, twins.put_twin, _WRITE_TWIN),
    HubRoute("POST", _TWIN + "/methods", permissions.INVOKE_METHODS, methods.invoke_method, _INVOKED),
    HubRoute("POST", _MODULE_TWIN + "/methods", permissions.INVOKE_METHODS, methods.invoke_method, _INVOKED),
    HubRoute(
        "POST", "/configurations/testQueries", permissions.WRITE_CONFIGURATIONS, configurations.test_queries, _TESTED
    ),
    HubRoute("GET", "/configurations", permissions.READ_CONFIGURATIONS, configurations.list_configurations, _PAGED),
    HubRoute("GET", _CONFIGURATION, permissions.READ_CONFIGURATIONS, configurations.get_configuration),
    HubRoute(
        "PUT", _CONFIGURATION, permissions.WRITE_CONFIGURATIONS, configurations.put_configuration, _PUT_CONFIGURATION
    ),
    HubRoute("DELETE", _CONFIGURATION, permissions.WRITE_CONFIGURATIONS, configurations.delete_configuration, _DELETED),
    HubRoute(
        "POST",
        _DEVICE + "/applyConfigurationContent",
        permissions.WRITE_CONFIGURATIONS,
        configurations.apply_content,
        obeys(fields=_CONTENT),
    ),
    HubRoute("POST", _DEVICE + "/messages/events", None, messages.send_event, _EVENT),
    HubRoute("POST", _MODULE + "/messages/events", None, messages.send_event, _EVENT),
)
