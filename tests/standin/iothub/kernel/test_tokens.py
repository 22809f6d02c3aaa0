"""Shared access signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standin.iothub.kernel.tokens import TokenError, covers, parse_token
from tests.standin.iothub.signing import sign

KEY, OTHER = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def test_a_token_signed_with_the_decoded_key_is_believed() -> None:
    token = parse_token(sign("h.azure-devices.net/devices/d", KEY))
    token.check([OTHER, KEY])
    assert token.covers("H.azure-devices.net/devices/d/modules/m")


def test_a_token_signed_with_the_keys_text_is_believed() -> None:
    resource, expiry = quote_plus("sb://ns.servicebus.windows.net/hub"), int(time.time()) + 60
    signature = hmac.new(KEY.encode(), f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()
    encoded = quote(base64.b64encode(signature))
    token = parse_token(f"SharedAccessSignature sr={resource}&sig={encoded}&se={expiry}&skn=service")
    token.check([KEY])
    assert token.policy == "service"


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("", "not a SharedAccessSignature"),
        ("Bearer x", "not a SharedAccessSignature"),
        ("SharedAccessSignature sr=h", "has no sig and no se"),
        ("SharedAccessSignature sr=h&sig=x&se=soon", "se is not a number"),
        *(
            pytest.param(f"SharedAccessSignature sr=h&sig=x&se={se}", "se is not a number", id=f"se={se[:9]}")
            for se in ("²", "nan", "inf", "-1", " 1", "1e9", "1_0", "٣", "9" * 19, "9" * 5000)
        ),
        ("SharedAccessSignature sr=h&sig=%C3%A9&se=99999999999", "InvalidSignature"),
        pytest.param(sign("h", OTHER), "InvalidSignature", id="another key"),
        pytest.param(sign("h", KEY, lifetime_s=-1), "ExpiredToken", id="expired"),
    ],
)
def test_a_token_that_cannot_be_believed_is_refused(token: str, message: str) -> None:
    with pytest.raises(TokenError, match=message):
        parse_token(token).check([KEY])


def test_a_changed_claim_breaks_the_signature() -> None:
    token = sign("h/devices/a", KEY).replace("devices%2Fa", "devices%2Fb")
    with pytest.raises(TokenError, match="InvalidSignature"):
        parse_token(token).check([KEY])


@pytest.mark.parametrize(
    ("granted", "resource", "covered"),
    [
        ("h", "h/devices/d", True),
        ("h:8444", "h/devices/d", True),
        ("sb://h/hub/", "h/hub", True),
        ("h/devices/d", "h/devices/d2", False),
        ("h/devices/d", "h/devices/D", False),
        ("h/devices/d/modules/m", "h/devices/d", False),
        ("other", "h/devices/d", False),
    ],
)
def test_a_token_covers_its_resource_and_what_lies_below(granted: str, resource: str, covered: bool) -> None:
    assert covers(granted, resource) is covered


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        parse_token("SharedAccessSignature " + text)
    except TokenError:
        return
