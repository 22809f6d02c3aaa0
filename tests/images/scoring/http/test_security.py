"""Key, certificate, and what the plain port still answers beside HTTPS."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from images.scoring.errors import StartError
from images.scoring.process.secrets import load_secrets
from tests.images.scoring.conftest import KEY, NORMAL, Serve


async def test_scoring_over_https_needs_the_key(serve: Serve, secrets_folder: Path, trust: ssl.SSLContext) -> None:
    async with serve(secrets=secrets_folder) as served:
        answer = await served.score(NORMAL, tls=trust, headers={"Authorization": f"Bearer {KEY}"})
        assert answer.json["anomaly"] is False


@pytest.mark.parametrize("header", [None, "Bearer wrong", f"Basic {KEY}", KEY, "Bearer ", f"Bearer {KEY}x", "Bearer é"])
async def test_without_the_key_nothing_is_scored(
    serve: Serve, secrets_folder: Path, trust: ssl.SSLContext, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with serve(secrets=secrets_folder) as served:
        for path, body in (("/score", b"{}"), ("/swagger.json", None), ("/metrics", None)):
            answer = await served.request(path, body, tls=trust, headers=headers)
            assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer"), path
            assert KEY not in answer.body.decode()


async def test_the_description_says_where_the_key_is_asked_for(
    serve: Serve, secrets_folder: Path, trust: ssl.SSLContext
) -> None:
    async with serve(secrets=secrets_folder) as served:
        answer = await served.request("/swagger.json", tls=trust, headers={"Authorization": f"Bearer {KEY}"})
        for path, methods in answer.json["paths"].items():
            for method, operation in methods.items():
                asked = await served.request(path, b"" if method == "post" else None, method=method.upper(), tls=trust)
                assert ("security" in operation) == (asked.status == 401), (method, path)
                assert str(asked.status) in operation["responses"], (method, path)


async def test_beside_https_the_plain_port_is_for_probes_only(serve: Serve, secrets_folder: Path) -> None:
    async with serve(secrets=secrets_folder) as served:
        for path in ("/", "/live", "/ready", "/metrics"):
            assert (await served.request(path)).status == 200, path
        refused = await served.score(NORMAL, headers={"Authorization": f"Bearer {KEY}"})
        assert (refused.status, refused.error["code"]) == (403, "Forbidden")
        assert (await served.request("/swagger.json")).status == 404


async def test_probes_over_https_need_no_key(serve: Serve, secrets_folder: Path, trust: ssl.SSLContext) -> None:
    async with serve(secrets=secrets_folder) as served:
        assert (await served.request("/ready", tls=trust)).status == 200


async def test_a_key_without_a_certificate_guards_the_plain_port(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "scoring-key").write_text(KEY)
    async with serve(secrets=tmp_path) as served:
        assert (await served.score(NORMAL)).status == 401
        assert (await served.score(NORMAL, headers={"Authorization": f"bearer {KEY}"})).status == 200


def test_a_certificate_without_a_key_is_refused(secrets_folder: Path) -> None:
    (secrets_folder / "scoring-key").unlink()
    with pytest.raises(StartError, match=r"has tls\.crt but not scoring-key"):
        load_secrets(secrets_folder)


def test_an_empty_key_is_refused(secrets_folder: Path) -> None:
    (secrets_folder / "scoring-key").write_text("\n")
    with pytest.raises(StartError, match="scoring-key is empty"):
        load_secrets(secrets_folder)


def test_a_certificate_that_cannot_be_used_is_refused_naming_it(secrets_folder: Path) -> None:
    (secrets_folder / "tls.key").unlink()
    with pytest.raises(StartError, match=r"cannot serve HTTPS with .*tls\.crt and .*tls\.key"):
        load_secrets(secrets_folder)
