"""One route, and the table of a device's routes.

https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/grammar/Route.g4
https://github.com/Azure/iotedge/blob/main/doc/Route_priority_and_TTL.md
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from standin.edgeruntime.hub.domain.messages.message import Message
from standin.edgeruntime.hub.domain.routing import conditions
from standin.edgeruntime.hub.domain.routing.conditions import Reader
from standin.edgeruntime.hub.domain.routing.errors import RouteError
from standin.edgeruntime.hub.domain.routing.lexer import tokenize
from standin.edgeruntime.hub.domain.routing.values import Node

UPSTREAM = "$upstream"
LOWEST_PRIORITY = 2_000_000_000
FOREVER = float("inf")
CACHED_SOURCES = 4096


@dataclass(frozen=True, slots=True)
class Sink:
    """Where a route leads: the cloud, or a module's input."""

    endpoint: str
    """`$upstream`, or the module's name."""
    input: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    source: str
    """Lower case, ends with `/`: what a message's source must begin with."""
    condition: Node | None
    sink: Sink
    priority: int = LOWEST_PRIORITY
    ttl_s: float = FOREVER

    def takes(self, message: Message) -> bool:
        return self.condition is None or self.condition.value(message) is True


@dataclass(frozen=True, slots=True)
class Hit:
    sink: Sink
    priority: int
    ttl_s: float


def compile_route(name: str, text: str, *, priority: int = LOWEST_PRIORITY, ttl_s: float = FOREVER) -> Route:
    try:
        source, condition, sink = _parse(text)
    except RouteError as problem:
        raise RouteError(f"route {name!r}: {problem} in {text!r}") from None
    return Route(name, source, condition, sink, priority, ttl_s)


def _parse(text: str) -> tuple[str, Node | None, Sink]:
    """The original stops reading at the sink's end. It does not look at the first and third word of an address."""
    reader = Reader(tokenize(text))
    if reader.takes("select"):
        reader.expect("op", "'*'", "*")
    reader.expect("from", "FROM")
    source = _path(reader)
    condition = None
    if reader.takes("where"):
        condition = conditions.parse(reader)
    reader.expect("into", "INTO")
    sink = _sink(reader)
    return source, condition, sink


def _path(reader: Reader) -> str:
    items: list[str] = []
    reader.expect("op", "a path such as /messages/*", "/")
    while True:
        items.append("*" if reader.takes("op", "*") else reader.expect("id", "a path item").text)
        if not reader.takes("op", "/"):
            break
    return ("/" + "/".join(items)).rstrip("*").rstrip("/").lower() + "/"


def _sink(reader: Reader) -> Sink:
    if reader.next.kind == "system":
        token = reader.take()
        if token.text.lower() != UPSTREAM:
            raise RouteError(f'unknown endpoint {token.text!r}; allowed: $upstream, BrokeredEndpoint("...")')
        return Sink(UPSTREAM)
    function = reader.expect("id", '$upstream or BrokeredEndpoint("/modules/<m>/inputs/<i>")')
    if function.text.lower() != "brokeredendpoint":
        raise RouteError(f'unknown endpoint {function.text!r}; allowed: $upstream, BrokeredEndpoint("...")')
    reader.expect("op", "'('", "(")
    address = reader.expect("string", "the endpoint's address in quotes").text[1:-1]
    reader.expect("op", "')'", ")")
    items = address.strip().removeprefix("/").removesuffix("/").split("/")
    if len(items) != 4:
        raise RouteError(f"address {address!r} is not /modules/<module>/inputs/<input>")
    return Sink(items[1], items[3])


class RouteTable:
    """Every route is asked; an endpoint gets a message once, at its best priority with that route's time to live."""

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        self.routes = tuple(sorted(routes, key=lambda route: route.priority))
        self._by_source: dict[str, tuple[Route, ...]] = {}

    def hits(self, message: Message) -> list[Hit]:
        best: dict[Sink, Hit] = {}
        for route in self._candidates(message.source):
            sink = route.sink
            if sink not in best and route.takes(message):
                best[sink] = Hit(sink, route.priority, route.ttl_s)
        return list(best.values())

    def _candidates(self, source: str) -> tuple[Route, ...]:
        routes = self._by_source.get(source)
        if routes is None:
            if len(self._by_source) >= CACHED_SOURCES:
                self._by_source.clear()
            path = source.lower() + "/"
            routes = tuple(route for route in self.routes if path.startswith(route.source))
            self._by_source[source] = routes
        return routes
