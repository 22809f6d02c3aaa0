"""A layer as code: modules that run together on a device and the way of their messages, from images and settings.

LAYER = Layer(settings=Settings, needs=needs, content=content)         # edge/layers/<layer>.py
layer_content(modules=made.modules, routes=made.routes)                # where `made` is what `content` returned
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from edge.manifest.modules import Module
from edge.manifest.routes.route import Route

S = TypeVar("S")
Images = Mapping[str, object]
"""By the name of a model, of a folder of `images/` or of a replay: `repository@sha256:...`, or an engine's promise."""

OWN_IMAGE = "build"
"""As the value of a setting that names an image: the project's own one, which the deployment builds."""


class Misfit(ValueError):
    """One of a layer's settings that does not go with the others, by its name in the stack file: raised by
    `__post_init__` of its Settings, and told with its value."""

    def __init__(self, setting: str, allowed: str, *, hides: bool = False) -> None:
        """`hides`: its value is not told, in which a password may stand."""
        self.setting, self.allowed, self.hides = setting, allowed, hides
        super().__init__(f"{setting} is refused; allowed: {allowed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a replay sends: the rows of a file, or the golden examples of the model."""

    model: str
    file: str | None = None
    """A path in the clone, of a CSV or JSON-lines file; None for the golden examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    models: tuple[str, ...] = ()
    """Models whose scoring image a module runs."""
    images: tuple[str, ...] = ()
    """Folders of `images/` that are built for it."""
    published: Mapping[str, str] = field(default_factory=dict)
    """Images that are not built here, by the setting that names them."""
    replays: Mapping[str, Rows] = field(default_factory=dict)
    """What `images/replay` is built with, by the name under which `content` finds that image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What one module sends to another that scores it: held against the model's input before anything is deployed."""

    sender: str
    scorer: str
    sends: Rows | tuple[Any, ...]
    """Rows, or examples of a message's body as JSON values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerContent:
    modules: Mapping[str, Module]
    """With their twins: `Module.desired`."""
    routes: Mapping[str, Route]
    feeds: tuple[Feed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer(Generic[S]):
    settings: type[S]
    """A frozen msgspec.Struct of the layer's own settings, closed, in camelCase, with defaults where one can serve."""
    needs: Callable[[S], Needs]
    content: Callable[[Images, S], LayerContent]
    """The images are those that it needs."""
    secrets: tuple[str, ...] = ()
    """Settings that are secrets, as the configuration writes them: refused where they stand in plain text there."""
