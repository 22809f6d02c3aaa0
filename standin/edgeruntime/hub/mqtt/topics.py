"""IoT Hub's topics. Only a client's own exact filters may be subscribed: no wildcards are matched anywhere.

https://github.com/Azure/iotedge/blob/main/doc/edgehub-api.md#mqtt
"""

from __future__ import annotations

from urllib.parse import parse_qsl, quote

METHODS = "$iothub/methods/POST/#"
TWIN_RESULTS = "$iothub/twin/res/#"
DESIRED = "$iothub/twin/PATCH/properties/desired/#"

TWIN_GET = "$iothub/twin/GET/"
TWIN_REPORT = "$iothub/twin/PATCH/properties/reported/"
METHOD_RESULT = "$iothub/methods/res/"


class OwnTopics:
    """The topics that carry one module's name."""

    def __init__(self, device: str, module: str) -> None:
        own = f"devices/{device}/modules/{module}"
        self.inputs = f"{own}/inputs/#"
        """A filter."""
        self._inputs = f"{own}/inputs/"
        self._events = f"{own}/messages/events/"

    def input_message(self, name: str, bag: str) -> str:
        return f"{self._inputs}{name}/{bag}"

    def event_bag(self, topic: str) -> str | None:
        """The property bag of a message that the module sends; None for other topics."""
        return topic[len(self._events) :].rstrip("/") if topic.startswith(self._events) else None


def request_id(topic: str) -> str:
    return dict(parse_qsl(topic.rpartition("?")[2])).get("$rid", "")


def twin_result(status: int, rid: str, version: int | None = None) -> str:
    return f"$iothub/twin/res/{status}/?$rid={rid}" + ("" if version is None else f"&$version={version}")


def desired_patch(version: int) -> str:
    return f"$iothub/twin/PATCH/properties/desired/?$version={version}"


def method_request(name: str, rid: str) -> str:
    return f"$iothub/methods/POST/{quote(name, safe='')}/?$rid={rid}"
