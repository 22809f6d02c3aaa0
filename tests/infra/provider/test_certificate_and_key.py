from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from infra.provider.types.certificate import Certificate
from infra.provider.types.key import Key
from tests.infra.provider.recorder import Recorder, checked, refused

NEWS: dict[str, Any] = {
    "commonName": "scoring.example",
    "dnsNames": ["scoring.example", "127.0.0.1"],
    "validityDays": 90,
}


def _handshake(outputs: dict[str, Any], folder: Path, name: str) -> None:
    (folder / "chain.pem").write_text(outputs["certificatePem"] + outputs["privateKeyPem"])
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "chain.pem")
    client = ssl.create_default_context(cadata=outputs["caPem"])
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        server.wrap_bio(to_server, to_client, server_side=True),
        client.wrap_bio(to_client, to_server, server_hostname=name),
    ]
    pending = set(ends)
    while pending:
        for end in list(pending):
            try:
                end.do_handshake()
                pending.discard(end)
            except ssl.SSLWantReadError:
                continue


def test_a_client_that_trusts_the_ca_accepts_the_certificate(tmp_path: Path) -> None:
    _, outputs = Certificate().create(Recorder(), checked(Certificate(), dict(NEWS)))
    _handshake(outputs, tmp_path, "scoring.example")
    _handshake(outputs, tmp_path, "127.0.0.1")


@pytest.mark.parametrize(("key", "kind"), [({}, ec.EllipticCurvePrivateKey), ({"key": "rsa2048"}, rsa.RSAPrivateKey)])
def test_the_servers_key_is_of_the_kind_that_was_asked_for(key: dict[str, str], kind: type, tmp_path: Path) -> None:
    _, outputs = Certificate().create(Recorder(), checked(Certificate(), {**NEWS, **key}))
    assert isinstance(load_pem_private_key(outputs["privateKeyPem"].encode(), None), kind)
    _handshake(outputs, tmp_path, "scoring.example")


def test_a_certificate_is_renewed_in_the_last_quarter_of_its_life() -> None:
    inputs = checked(Certificate(), dict(NEWS))
    soon = {"notAfter": (datetime.now(UTC) + timedelta(days=20)).isoformat()}
    later = {"notAfter": (datetime.now(UTC) + timedelta(days=60)).isoformat()}
    assert Certificate().diff(Recorder(), "x", inputs, inputs, soon) != []
    assert Certificate().diff(Recorder(), "x", inputs, inputs, later) == []


def test_a_rotation_gives_another_certificate_in_place() -> None:
    inputs = checked(Certificate(), dict(NEWS))
    id, outputs = Certificate().create(Recorder(), inputs)
    news = {**inputs, "rotation": 1}
    changes = Certificate().diff(Recorder(), id, inputs, news, outputs)
    assert [(change.text, change.replace) for change in changes] == [("rotation", False)]
    assert Certificate().update(Recorder(), id, inputs, news, outputs)["caPem"] != outputs["caPem"]


def test_a_long_host_name_is_cut_in_the_common_name_only() -> None:
    name = f"{'a' * 60}.westeurope.azurecontainer.io"
    _, outputs = Certificate().create(
        Recorder(), checked(Certificate(), {**NEWS, "commonName": name, "dnsNames": [name]})
    )
    names = x509.load_pem_x509_certificate(outputs["certificatePem"].encode()).extensions
    assert names.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName) == [name]


def test_bad_certificate_inputs_are_refused_by_name() -> None:
    failures = refused(Certificate(), {"commonName": "", "dnsNames": ["a b"], "validityDays": 1000})
    assert {failure.path for failure in failures} == {"commonName", "dnsNames[0]", "validityDays"}
    assert refused(Certificate(), {**NEWS, "dnsNames": []})[0].path == "dnsNames"


def test_a_key_is_random_long_enough_and_secret() -> None:
    inputs = checked(Key(), {})
    _, first = Key().create(Recorder(), inputs)
    _, second = Key().create(Recorder(), inputs)
    assert first["value"] != second["value"]
    assert len(first["value"]) == 43
    assert Key.secret_outputs == {"value"}
    assert refused(Key(), {"bytes": 8})[0].reason == "8 is refused; a whole number from 16 to 128 is wanted"
