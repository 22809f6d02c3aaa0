"""Azure resource ids: case is kept and never counts.

/subscriptions/{s}[/resourceGroups/{g}][/providers/{namespace}/{type}/{name}[/{type}/{name}]...]
"""

from __future__ import annotations

from dataclasses import dataclass

_GROUP_TYPE = "Microsoft.Resources/resourceGroups"
_SUBSCRIPTION_TYPE = "Microsoft.Resources/subscriptions"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceId:
    text: str
    type: str
    """Of the last provider in the id, as the client spelt it; compare in lower case."""
    name: str
    parent: str
    """The id one level up; "" for a subscription. Of an extension resource it is the scope."""
    subscription: str
    group: str

    @property
    def key(self) -> str:
        return self.text.lower()

    @property
    def namespace(self) -> str:
        return self.type.split("/", 1)[0]


def parse(text: str) -> ResourceId | None:
    """None when the text is not an id of a thing: a collection (odd segments), an action, or something else."""
    text = "/" + text.strip("/")
    segments = text.split("/")[1:]
    if len(segments) < 2 or "" in segments or segments[0].lower() != "subscriptions":
        return None
    segments = _canonical(segments)
    text = "/" + "/".join(segments)
    subscription = segments[1]
    rest = segments[2:]
    if not rest:
        return _id(text, _SUBSCRIPTION_TYPE, subscription, "", subscription, "")
    group = ""
    if rest[0].lower() == "resourcegroups":
        if len(rest) < 2:
            return None
        group, rest = rest[1], rest[2:]
        if not rest:
            return _id(text, _GROUP_TYPE, group, f"/subscriptions/{subscription}", subscription, group)
    starts = [index for index, word in enumerate(rest) if word.lower() == "providers" and index % 2 == 0]
    if not starts or starts[0] != 0:
        return None
    start = starts[-1]
    types_and_names = rest[start + 2 :]
    if len(types_and_names) < 2 or len(types_and_names) % 2:
        return None
    kind = "/".join([rest[start + 1], *types_and_names[0::2]])
    above = segments[: len(segments) - (2 if len(types_and_names) > 2 else 4)]
    return _id(text, kind, types_and_names[-1], "/" + "/".join(above), subscription, group)


def _canonical(segments: list[str]) -> list[str]:
    """Azure answers ids with these words in one spelling, whatever the client wrote."""
    words = {"subscriptions": "subscriptions", "resourcegroups": "resourceGroups", "providers": "providers"}
    return [words.get(word.lower(), word) if index % 2 == 0 else word for index, word in enumerate(segments)]


def _id(text: str, kind: str, name: str, parent: str, subscription: str, group: str) -> ResourceId:
    return ResourceId(text=text, type=kind, name=name, parent=parent, subscription=subscription, group=group)


def location_name(location: str) -> str:
    """ "West Europe" and "westeurope" are the same region; ARM answers the second."""
    return location.replace(" ", "").lower()
