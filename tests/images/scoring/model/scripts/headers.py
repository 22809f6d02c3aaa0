# mypy: ignore-errors
"""Asks for the request's headers as well."""


def init():
    pass


def run(data, request_headers):
    return {"data": data, "who": request_headers["X-Who"], "type": request_headers.get("Content-Type")}
