"""Of a deployment's row: whether its content was sent by the provider, or is as a hub writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clone import digests
from cloud.iot_hub import Configuration
from edge.manifest import as_sent, is_same_content
from pluginbase.resource import Properties


def as_wanted(olds: Properties, news: Properties, state: Properties) -> Properties:
    """An import has the content as the hub writes it. What was sent is held to every member: one that the config takes
    back might be one that a hub fills in."""
    old, new = olds.get("content"), news["content"]
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)) or was_sent(old, state):
        return olds
    return {**olds, "content": new} if is_same_content(new, old) else olds


def was_sent(content: Mapping[str, Any], state: Properties) -> bool:
    return bool(state.get("contentDigest") == digests.of_deployment_content(content))


def shown_content(inputs: Properties, live: Configuration) -> Mapping[str, Any]:
    """What a hub writes otherwise than it was sent is no change."""
    sent = inputs.get("content")
    return as_sent(sent, live.modules_content) if isinstance(sent, Mapping) else live.modules_content
