"""Recordings of our own writing, in the two makes that are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ARM = "https://management.azure.com"
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-recorded"
Recorded = tuple[str, str, Any, int, Mapping[str, str], Any]
"""Method, path with query, body, and of the answer: status, headers, body."""


def vcrpy(file: Path, *exchanges: Recorded) -> Path:
    interactions = [
        {
            "request": {"method": method, "uri": _url(path), "body": _text(body) or None, "headers": {}},
            "response": {
                "body": {"string": _text(answer)},
                "headers": {name: [value] for name, value in headers.items()},
                "status": {"code": status, "message": "x"},
            },
        }
        for method, path, body, status, headers, answer in exchanges
    ]
    file.write_text(yaml.safe_dump({"interactions": interactions, "version": 1}))
    return file


def govcr(file: Path, *exchanges: Recorded) -> Path:
    interactions = [
        {
            "id": index,
            "request": {"method": method, "url": _url(path), "body": _text(body), "headers": {}},
            "response": {
                "body": _text(answer),
                "headers": {name.title(): [value] for name, value in headers.items()},
                "status": f"{status} X",
                "code": status,
            },
        }
        for index, (method, path, body, status, headers, answer) in enumerate(exchanges)
    ]
    file.write_text(yaml.safe_dump({"version": 2, "interactions": interactions}))
    return file


def _url(path: str) -> str:
    return path if path.startswith("https://") else f"{ARM}{path}"


def _text(body: Any) -> str:
    return "" if body is None else json.dumps(body)
