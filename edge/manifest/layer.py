"""A layer as code: modules that run together on a device and the way of their messages, from images and settings.

LAYER = Layer(settings=Settings, needs=needs, content=content)         # edge/layers/<layer>.py
layer_content(modules=made.modules, routes=made.routes)                # where `made` is what `content` returned
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from edge.manifest.modules import Module
from edge.manifest.routes.route import Route

S = TypeVar("S")
Images = Mapping[str, object]
"""By the name of a model or of a folder of `images/`: `repository@sha256:...`, or an engine's promise of it."""

OWN_IMAGE = "build"
"""As the value of a setting that names an image: the project's own one, which the deployment builds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    models: tuple[str, ...] = ()
    """Models whose scoring image a module runs."""
    images: tuple[str, ...] = ()
    """Folders of `images/` that are built for it."""
    published: Mapping[str, str] = field(default_factory=dict)
    """Images that are not built here, by the setting that names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerContent:
    modules: Mapping[str, Module]
    """With their twins: `Module.desired`."""
    routes: Mapping[str, Route]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer(Generic[S]):
    settings: type[S]
    """A frozen msgspec.Struct of the layer's own settings, closed, in camelCase, with defaults where one can serve."""
    needs: Callable[[S], Needs]
    content: Callable[[Images, S], LayerContent]
    """The images are those that it needs."""
