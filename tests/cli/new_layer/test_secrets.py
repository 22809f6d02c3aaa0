"""Secrets are known by their names and by their looks; what is none is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from cli.new_layer.secrets import secrets_in
from tests.cli.new_layer.test_refused import JWT, KEY


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"DB_PASSWORD": {"value": "x"}}, ("DB_PASSWORD", "value")),
        ({"dbPassword": "x"}, ("dbPassword",)),
        ({"MSSQL_SA_PASSWORD": "x"}, ("MSSQL_SA_PASSWORD",)),
        ({"apikey": "x"}, ("apikey",)),
        ({"IOTHUB_CONNECTION_STRING": "x"}, ("IOTHUB_CONNECTION_STRING",)),
        ({"PIN": 1234}, ("PIN",)),
        ({"credentials": {"user": ["joe"]}}, ("credentials", "user", 0)),
        ({"plain": f"HostName=h;SharedAccessKey={KEY}"}, ("plain",)),
        ({"plain": "AccountName=a;AccountKey=b"}, ("plain",)),
        ({"plain": "SharedAccessSignature sr=h&sig=abc&se=1"}, ("plain",)),
        ({"plain": "https://a.blob.core.windows.net/c?sv=1&sig=abcdefgh%3D"}, ("plain",)),
        ({"plain": JWT}, ("plain",)),
        ({"plain": KEY}, ("plain",)),
        ({"plain": "A" * 86 + "=="}, ("plain",)),
        ({"plain": "amqp://joe:pw@host/"}, ("plain",)),
        ({"plain": "redis://:pw@host"}, ("plain",)),
        ({"plain": "-----BEGIN RSA PRIVATE KEY-----\nx"}, ("plain",)),
        ({"plain": '{"user": "joe", "password": "x"}'}, ("plain",)),
        ({"Env": ["A=1", "SECRET=x"]}, ("Env", 1)),
        ({"Cmd": ["--password=x"]}, ("Cmd", 0)),
        ({"Cmd": ["run", "--token", "x"]}, ("Cmd", 2)),
        ({"Labels": {"com.example.secret": "x"}}, ("Labels", "com.example.secret")),
    ],
)
def test_a_secret_is_found(value: Any, path: tuple[Any, ...]) -> None:
    assert [where for where, _ in secrets_in(value)] == [path]


@pytest.mark.parametrize(
    "value",
    [
        {"MaxConnectedClients": "100", "TokenLifetime": 3600, "hasPassword": True, "password": ""},
        {"KEY_FILE": "/run/secrets/key", "passwordPath": "/run/x"},
        {"monkey": "x", "keyboard": "qwerty", "compass": "n", "turkey": "x"},
        {"image": "mcr.microsoft.com/x@sha256:" + "a" * 64, "url": "https://host:8080/path", "mail": "a@b.c"},
        {"Binds": ["/var/lib/docker:/var/lib/docker:ro"], "Cmd": ["--fast", "x", "--name=edge"], "Memory": 67108864},
        {"route": "FROM /messages/modules/a/outputs/* WHERE level = 'high' INTO $upstream"},
    ],
)
def test_what_is_no_secret_is_not(value: Any) -> None:
    assert list(secrets_in(value)) == []
