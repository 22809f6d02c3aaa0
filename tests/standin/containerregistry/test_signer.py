from __future__ import annotations

import base64
import stat
from pathlib import Path

import jwt
import pytest
from cryptography import x509

from standin.containerregistry.signer import Signer, certificate_path


def test_an_access_token_is_signed_by_the_certificate_it_carries(tmp_path: Path) -> None:
    access: list[dict[str, object]] = [{"type": "repository", "name": "a", "actions": ["pull"]}]
    token = Signer.of(tmp_path).access_token(issuer="i", service="127.0.0.1:1", subject="s", access=access)
    (encoded,) = jwt.get_unverified_header(token)["x5c"]
    certificate = x509.load_der_x509_certificate(base64.b64decode(encoded))
    assert certificate == x509.load_pem_x509_certificate(certificate_path(tmp_path).read_bytes())
    claims = jwt.decode(token, certificate.public_key(), algorithms=["ES256"], audience="127.0.0.1:1")  # type: ignore[arg-type]
    assert (claims["access"], claims["iss"], claims["sub"]) == (access, "i", "s")


def test_a_refresh_token_is_good_for_its_own_registry_only(tmp_path: Path) -> None:
    signer = Signer.of(tmp_path)
    token = signer.refresh_token(issuer="i", service="127.0.0.1:1", subject="principal:x")
    assert signer.refresh_subject(token, issuer="i", service="127.0.0.1:1") == "principal:x"
    assert signer.refresh_subject(token, issuer="i", service="127.0.0.1:2") is None


def test_an_access_token_cannot_be_used_to_refresh(tmp_path: Path) -> None:
    signer = Signer.of(tmp_path)
    token = signer.access_token(issuer="i", service="r", subject="s", access=[])
    assert signer.refresh_subject(token, issuer="i", service="r") is None


@pytest.mark.parametrize("token", ["", "a.b.c", "not a token", f"{'W1tb' * 30_000}.e30.x"])
def test_what_is_no_token_refreshes_nothing(tmp_path: Path, token: str) -> None:
    assert Signer.of(tmp_path).refresh_subject(token, issuer="i", service="r") is None


def test_the_key_outlives_a_restart_and_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    token = Signer.of(tmp_path).refresh_token(issuer="i", service="r", subject="s")
    assert Signer.of(tmp_path).refresh_subject(token, issuer="i", service="r") == "s"
    assert stat.S_IMODE((tmp_path / "token.key").stat().st_mode) == 0o600
