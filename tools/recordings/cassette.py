"""A recording, of either make: https://vcrpy.readthedocs.io and https://github.com/dnaeon/go-vcr"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NoCassette(ValueError):
    """The file holds no recorded exchanges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case; of repeated ones the first."""
    text: str

    @property
    def body(self) -> Any:
        """As JSON; None where it is empty or something else."""
        try:
            return json.loads(self.text) if self.text else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    method: str
    url: str
    headers: Mapping[str, str]
    text: str
    answer: Answer

    @property
    def host(self) -> str:
        return (urlsplit(self.url).hostname or "").lower()

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def api_version(self) -> str:
        return parse_qs(urlsplit(self.url).query).get("api-version", [""])[0]


def recordings(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.yaml") if path.is_file())


def read(file: Path) -> list[Exchange]:
    """Raises NoCassette."""
    try:
        document = yaml.load(file.read_text(encoding="utf-8"), _LOADER)
        return list(_exchanges(document["interactions"]))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise NoCassette(f"{file.name} is no recording: {type(error).__name__}: {error}") from error


def _exchanges(interactions: list[Any]) -> Iterator[Exchange]:
    for one in interactions:
        request, response = one["request"], one["response"]
        yield Exchange(
            method=request["method"],
            url=request.get("uri") or request["url"],
            headers=_headers(request.get("headers")),
            text=_text(request.get("body")),
            answer=Answer(
                status=_status(response), headers=_headers(response.get("headers")), text=_text(response.get("body"))
            ),
        )


def _status(response: Mapping[str, Any]) -> int:
    status = response["status"]
    return int(status["code"] if isinstance(status, Mapping) else response["code"])


def _headers(given: Mapping[str, Any] | None) -> dict[str, str]:
    values = {name.lower(): value for name, value in (given or {}).items()}
    return {name: str(value[0] if isinstance(value, list) and value else value) for name, value in values.items()}


def _text(body: Any) -> str:
    """vcrpy keeps an answer's body under `string`, and what is no text as bytes."""
    if isinstance(body, Mapping):
        body = body.get("string")
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")
