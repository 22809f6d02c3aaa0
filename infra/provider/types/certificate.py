"""`mledge:tls:Certificate`: a CA and a server certificate for a service that serves HTTPS itself.

The CA signs once and its key is thrown away: whoever trusts the CA trusts this one certificate.
https://cryptography.io/en/latest/x509/
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from infra.provider.inputs import Inputs, Rotation, one_of, text
from pluginbase.resource import Change, Failure, OperationContext, Properties, Resource
from pluginbase.values import UNKNOWN

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_KEYS = ("ecP256", "rsa2048")
_HOST_NAME = r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
_HOST_ALLOWED = "a host name (letters, digits, - and .) or an IP address is wanted"
_COMMON_NAME_LENGTH = 64  # clients look at the alternative names only
_CLOCK_SKEW = timedelta(minutes=5)


class CertificateInputs(Inputs, frozen=True):
    common_name: Annotated[str, text(".{1,253}", "1 to 253 characters are allowed")]
    dns_names: Annotated[list[Any], Meta(min_length=1, description="a list with one name or more is wanted")]
    validity_days: Annotated[int, Meta(ge=1, le=825)]
    rotation: Rotation = 0
    key: Annotated[str, one_of(_KEYS)] | None = None
    """The server's. None: the first; for servers that are not known to take such a one, the second."""


class Certificate(Resource):
    token = "mledge:tls:Certificate"  # noqa: S105 - a resource type
    secret_outputs = frozenset({"privateKeyPem"})

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        inputs, failures = CertificateInputs.check(news)
        return inputs, [*failures, *_refused_names(inputs.get("dnsNames"))]

    def diff(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> list[Change]:
        """A certificate in the last quarter of its life is renewed, whatever the inputs say."""
        changes = super().diff(ctx, id, olds, news, state)
        expiry = state.get("notAfter")
        days = news.get("validityDays")
        if not changes and isinstance(expiry, str) and isinstance(days, int):
            left = datetime.fromisoformat(expiry) - datetime.now(UTC)
            if left < timedelta(days=days) / 4:
                ctx.log(f"the certificate ends on {expiry} and is renewed", "info")
                return [Change(("validityDays",), "update")]
        return changes

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        return str(inputs["commonName"]), {**inputs, **issue(CertificateInputs.of(inputs))}

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        return {**news, **issue(CertificateInputs.of(news))}

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """It lives in the state, and in the secret volumes that are made from it."""


def _refused_names(names: Any) -> Iterator[Failure]:
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if name is not UNKNOWN and not _is_host(name):
            yield Failure(f"dnsNames[{index}]", f"{name!r} is refused; {_HOST_ALLOWED}")


def _is_host(name: Any) -> bool:
    return isinstance(name, str) and (re.fullmatch(_HOST_NAME, name) is not None or _address(name) is not None)


def issue(inputs: CertificateInputs) -> Properties:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    start = datetime.now(UTC).replace(microsecond=0) - _CLOCK_SKEW
    end = start + timedelta(days=inputs.validity_days)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), _private_key(inputs.key)
    authority = _authority(inputs.common_name, ca_key, start, end)
    certificate = _server_certificate(inputs, key, ca_key, start, end)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "certificatePem": certificate.public_bytes(serialization.Encoding.PEM).decode(),
        "privateKeyPem": private.decode(),
        "caPem": authority.public_bytes(serialization.Encoding.PEM).decode(),
        "notAfter": end.isoformat(),
    }


def _private_key(kind: str | None) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if kind == "rsa2048":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def _authority(name: str, key: ec.EllipticCurvePrivateKey, start: datetime, end: datetime) -> x509.Certificate:
    from cryptography import x509

    signing = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        _builder(_issuer(name), _issuer(name), key, start, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(signing, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, _sha256())
    )


def _server_certificate(
    inputs: CertificateInputs,
    key: PrivateKey,
    ca_key: ec.EllipticCurvePrivateKey,
    start: datetime,
    end: datetime,
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    name = inputs.common_name
    return (
        _builder(_named(name), _issuer(name), key, start, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in inputs.dns_names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(ca_key, _sha256())
    )


def _issuer(name: str) -> x509.Name:
    return _named(f"CA of {name}")


def _named(name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:_COMMON_NAME_LENGTH])])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _sha256() -> Any:
    from cryptography.hazmat.primitives import hashes

    return hashes.SHA256()


def _general(name: str) -> x509.GeneralName:
    from cryptography import x509

    address = _address(name)
    return x509.IPAddress(address) if address else x509.DNSName(name)


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
