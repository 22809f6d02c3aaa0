"""Device-to-cloud messages over HTTPS.

https://learn.microsoft.com/rest/api/iothub/device/send-device-event
"""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.http import Request, Response, empty
from standin.iothub.events.message import D2CMessage
from standin.iothub.hub import Hub
from standin.iothub.kernel.errors import BadRequest
from standin.iothub.rest.permissions import authorize_device

_APPLICATION = "iothub-app-"
_SYSTEM = {
    "iothub-messageid": "messageId",
    "iothub-correlationid": "correlationId",
    "iothub-userid": "userId",
    "iothub-contenttype": "contentType",
    "iothub-contentencoding": "contentEncoding",
    "iothub-to": "to",
}
_BATCH = "application/vnd.microsoft.iothub.json"


async def send_event(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    device, module = parameters["device"], parameters.get("module")
    authorize_device(hub, request, device, module)
    if request.headers.get("content-type", "").partition(";")[0].strip() == _BATCH:
        raise BadRequest(f"Batches ({_BATCH}) are not built in this hub: send one message a request")
    hub.append(device, module, [_message(request)])
    return empty(204)


def _message(request: Request) -> D2CMessage:
    return D2CMessage(
        body=request.body,
        system={name: request.headers[header] for header, name in _SYSTEM.items() if header in request.headers},
        properties={
            header.removeprefix(_APPLICATION): value
            for header, value in request.headers.items()
            if header.startswith(_APPLICATION)
        },
    )
