"""A layer's file as Python text, as `ruff format` leaves it, of what is carried of a manifest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from unicodedata import east_asian_width

from cli.new_layer.carried import DESIRED
from cli.new_layer.fields import Fields, Read, camel

WIDTH = 120
_LONGEST_PATH = 97
"""Of what is named in the docstring of a setting, in characters."""
_PLAIN: Mapping[str, str] = {
    "version": "version",
    "status": "status",
    "restartPolicy": "restart_policy",
    "imagePullPolicy": "image_pull_policy",
}
_DEFAULTS: Mapping[str, Any] = {"version": "1.0", "status": "running", "restartPolicy": "always"}


def source_of(file: str, fields: Fields) -> str:
    """`file` is the manifest's name, for the first line. The name of a file may hold anything."""
    shown = "".join(one if one.isalnum() or one in "._- " else "_" for one in file)[:60]
    body = [_settings(fields), _needs(fields), *(_module(name, fields) for name in fields.modules), _content(fields)]
    return f'"""Modules and routes of {shown}, as `edgeway layer import` read them."""\n\n{_imports(fields)}\n\n' + (
        "\n\n\n".join(body) + f"\n\n\n{_layer(fields)}\n"
    )


def _imports(fields: Fields) -> str:
    names = ["Images", "Layer", "LayerContent", "Needs", *(["Module"] if fields.modules else [])]
    names += ["Route"] if fields.routes else []
    image = "from edge.senders import PublishedImage\n" if fields.modules else ""
    return (
        "from __future__ import annotations\n\nfrom msgspec import Struct\n\n"
        f"from edge.manifest import {', '.join(sorted(names))}\n{image}"
    )


def _settings(fields: Fields) -> str:
    lines = [
        f"    {secret.field}: {type(secret.value).__name__}\n" + _doc(f"A secret: {_shortened(_name_of(secret.path))}.")
        for secret in fields.secrets
    ]
    lines += [
        f"    {field}: PublishedImage = {literal(fields.modules[module]['settings']['image'], len(field) + 19, 4)}"
        for module, field in fields.images.items()
    ]
    head = 'class Settings(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):\n'
    return head + "\n".join(lines or ['    """None."""'])


def _name_of(path: str) -> str:
    # keys of createOptions may hold anything, and this stands inside of a docstring
    return "".join(one if one.isalnum() or one in "._-$[]" else "_" for one in path)


def _shortened(path: str) -> str:
    """Its end says more than its beginning, which the manifest's paths share."""
    return path if len(path) <= _LONGEST_PATH else f"...{path[3 - _LONGEST_PATH :]}"


def _doc(text: str) -> str:
    return f'    """{text[: WIDTH - 12]}"""'


def _needs(fields: Fields) -> str:
    published = {camel(field): Read("", field) for field in fields.images.values()}
    body = call("Needs", {"published": published} if published else {}, 4)
    return f"def needs(settings: Settings) -> Needs:\n    return {body}"


def _module(name: str, fields: Fields) -> str:
    module = fields.modules[name]
    keywords: dict[str, Any] = {"image": Read("", fields.images[name])}
    if options := module["settings"].get("createOptions"):
        keywords["create_options"] = options
    if env := module.get("env"):
        keywords["env"] = {key: entry["value"] for key, entry in env.items()}
    keywords |= {
        ours: module[key] for key, ours in _PLAIN.items() if key in module and module[key] != _DEFAULTS.get(key)
    }
    if "startupOrder" in module:
        keywords["startup_order"] = int(module["startupOrder"])
    section = fields.twins.get(name, {})
    if DESIRED in section:
        keywords["desired"] = section[DESIRED]
    if parts := {key.removeprefix(f"{DESIRED}."): value for key, value in section.items() if key != DESIRED}:
        keywords["desired_parts"] = parts
    return f"def _{fields.functions[name]}(settings: Settings) -> Module:\n    return {call('Module', keywords, 4)}"


def _content(fields: Fields) -> str:
    modules = [f"            {literal(name, 0, 0)}: _{fields.functions[name]}(settings)," for name in fields.modules]
    routes = [f"            {literal(name, 0, 0)}: {_route(one)}," for name, one in fields.routes.items()]
    return "\n".join(
        [
            "def content(images: Images, settings: Settings) -> LayerContent:",
            "    return LayerContent(",
            *(["        modules={", *modules, "        },"] if modules else ["        modules={},"]),
            *(["        routes={", *routes, "        },"] if routes else ["        routes={},"]),
            "    )",
        ]
    )


def _route(route: Any) -> str:
    detailed = route if isinstance(route, Mapping) else {"route": route}
    keywords: dict[str, Any] = {"expression": detailed["route"]}
    if "priority" in detailed:
        keywords["priority"] = int(detailed["priority"])
    if "timeToLiveSecs" in detailed:
        keywords["time_to_live_seconds"] = int(detailed["timeToLiveSecs"])
    return call("Route", keywords, 12)


def _layer(fields: Fields) -> str:
    keywords = "settings=Settings, needs=needs, content=content"
    secrets = [secret.setting for secret in fields.secrets]
    line = f"LAYER = Layer({keywords}{', secrets=(' + ', '.join(map(_text, secrets)) + ',)' if secrets else ''})"
    if len(line) <= WIDTH:
        return line
    entries = "".join(f"        {_text(one)},\n" for one in secrets)
    return f"LAYER = Layer(\n    {keywords.replace(', ', f',{chr(10)}    ')},\n    secrets=(\n{entries}    ),\n)"


def call(name: str, keywords: Mapping[str, Any], indent: int) -> str:
    """In one line where that fits beside what stands before it."""
    flat = f"{name}({', '.join(f'{key}={_flat(value)}' for key, value in keywords.items())})"
    if indent + len("return ") + _columns(flat) <= WIDTH:
        return flat
    inner = indent + 4
    lines = [f"{' ' * inner}{key}={literal(value, len(key) + 1, inner)},\n" for key, value in keywords.items()]
    return f"{name}(\n{''.join(lines)}{' ' * indent})"


def literal(value: Any, before: int, indent: int) -> str:
    """`value` as an expression; `before` characters stand in its line, behind the indent."""
    flat = _flat(value)
    if indent + before + _columns(flat) + 1 <= WIDTH:
        return flat
    inner = indent + 4
    if isinstance(value, Mapping) and value:
        return (
            "{\n"
            + "".join(f"{' ' * inner}{_item(key, one, inner)},\n" for key, one in value.items())
            + f"{' ' * indent}}}"
        )
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{' ' * inner}{literal(one, 0, inner)},\n" for one in value) + f"{' ' * indent}]"
    if isinstance(value, str):
        room = max(WIDTH - inner, 40)
        return "(\n" + "".join(f"{' ' * inner}{piece}\n" for piece in _pieces(value, room)) + f"{' ' * indent})"
    return flat


def _columns(text: str) -> int:
    """As ruff counts: wide characters are two."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def _item(key: str, value: Any, indent: int) -> str:
    lead = f"{_text(key)}: "
    return lead + literal(value, len(lead), indent)


def _pieces(text: str, room: int) -> Iterator[str]:
    """Texts side by side are one to Python. Cut behind a space where there is one."""
    piece = ""
    for part in re.findall(r"\S{1,40}\s*|\s+", text):
        if piece and _columns(_text(piece + part)) > room:
            yield _text(piece)
            piece = ""
        piece += part
    yield _text(piece)


def _flat(value: Any) -> str:
    if isinstance(value, Read):
        read = f"settings.{value.field}"
        return (
            f'f"{_escaped(value.prefix, chr(34)).replace("{", "{{").replace("}", "}}")}{{{read}}}"'
            if value.prefix
            else read
        )
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_flat(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    """As ruff quotes: single quotes only where that saves an escape."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return f"{quote}{_escaped(text, quote)}{quote}"


def _escaped(text: str, quote: str) -> str:
    """What a reader cannot see is written by its code."""
    return "".join(
        f"\\{one}" if one in (quote, "\\") else one if one.isprintable() else one.encode("unicode_escape").decode()
        for one in text
    )
