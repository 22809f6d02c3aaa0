# mypy: ignore-errors
"""The usual form: the body as text. What it is told to do is in the body."""

import json
import time


def init():
    pass


def run(raw_data):
    data = json.loads(raw_data)
    if not isinstance(data, dict):
        return data
    act = data.get("act")
    if act == "raise":
        raise ValueError("on purpose")
    if act == "spin":
        until = time.monotonic() + 5
        while time.monotonic() < until:
            pass
    if act == "none":
        return None
    if act == "string":
        return json.dumps({"result": [1, 2.5]})
    if act == "unserialisable":
        return object()
    if act == "nan":
        return float("nan")
    return {"got": data, "text": "é", "tuple": (1, 2)}
