"""What is written down has no key, no token, no signed address and no id of a tenant."""

from __future__ import annotations

import base64
import re
import time

import pytest

from cli.first_contact.redaction import redacted

KEY = base64.b64encode(bytes(range(32))).decode()
LONG_KEY = base64.b64encode(bytes(range(64))).decode()
TOKEN = "eyJ0eXAiOiJKV1QifQ.eyJvaWQiOiIxIn0.c2lnbmF0dXJl"
GUID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"


@pytest.mark.parametrize(
    ("text", "without"),
    [
        (f"key {KEY} there", KEY),
        (f"AccountKey={LONG_KEY};EndpointSuffix=core.windows.net", LONG_KEY),
        (f"HostName=h;SharedAccessKeyName=service;SharedAccessKey={KEY}", KEY),
        ('{"primaryKey": "abc123"}', "abc123"),
        ("password=hunter2 and more", "hunter2"),
        ("[{'keyName': 'service', 'primaryKey': 'Zm9vYmFyYmF6cX...", "Zm9v"),
        ("properties.keys[0].primaryKey is 'abc123', sent was 'abc122'", "abc123"),
        ("passwords[0].value is 'abc+/123'", "abc+/123"),
        ('{"passwords": [{"name": "password1", "value": "abc123"}]}', "abc123"),
        ("AZURE_CLIENT_SECRET=~abc8Q", "~abc8Q"),
        ("{'accessToken': 'opaque 123'}", "opaque 123"),
        ("key1=abc123", "abc123"),
        (f"Authorization: Bearer {TOKEN}", TOKEN),
        (f"it said {TOKEN}", TOKEN),
        ("https://a.blob.core.windows.net/c/b?sv=2024&sig=abc%2B1", "abc%2B1"),
        ("https://management.azure.com/x/operationStatuses/y?api-version=1&t=638&c=MIIH&s=xx", "MIIH"),
        (f"/subscriptions/{GUID}/resourceGroups/rg", GUID),
        (f"/subscriptions/{GUID.upper()}/x", GUID.upper()),
        (f"The PrincipalId '{GUID.replace('-', '')}' has type 'User'", GUID.replace("-", "")),
        ("of the tenant ada.onmicrosoft.com", "ada.onmicrosoft"),
        ("signed in as ada@contoso.com", "ada@contoso.com"),
        ("-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----", "MIGH"),
    ],
)
def test_a_secret_is_taken_out_wherever_it_stands(text: str, without: str) -> None:
    found = redacted({"told": [text]})["told"][0]

    assert without not in found
    assert "<" in found


def test_one_id_is_one_hash_so_that_two_can_be_told_apart() -> None:
    one, same, other = (re.findall("<id (.*?)>", redacted(text)) for text in (GUID, GUID.upper(), GUID[:-1] + "8"))

    assert one == same != other
    assert redacted(GUID.replace("-", "")) == redacted(GUID)


@pytest.mark.parametrize(
    "text",
    [
        "quota ContainerGroups 0 of 100",
        "/providers/Microsoft.ContainerInstance/locations/westeurope/capabilities",
        "iot-edgeway-first-ab12cd.azure-devices.net is there",
        "sha256:" + "0" * 64,
        "the key of 'service' is the same after a PUT of tags",
        "token for https://iothubs.azure.net/.default",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


def test_azures_own_roles_keep_their_names() -> None:
    assert redacted("roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d") == "roleDefinitions/AcrPull"


def test_what_is_told_moves_no_cursor_and_is_looked_through_at_once() -> None:
    assert redacted("a\x1b[2Jb\u202ec\nd") == "a [2Jb c d"
    began = time.monotonic()
    redacted("a+" * 400_000)
    assert time.monotonic() - began < 5
