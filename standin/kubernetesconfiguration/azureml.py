"""What Azure ML's extension wants of its settings.

https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension#review-azure-machine-learning-extension-configuration-settings
The page describes the Azure CLI: `sslCertPemFile` and `sslKeyPemFile` are paths there, and what the CLI sends are the
files themselves, as base64, in `scoringFe.sslCert` and `scoringFe.sslKey` (Azure/azure-cli-extensions, k8s-extension).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from standin.kubernetesconfiguration.errors import NotBuiltSetting, OperationFailed, TooFewNodes, WrongCertificate

EXTENSION_TYPE = "Microsoft.AzureML.Kubernetes"
CERTIFICATE, KEY = "scoringFe.sslCert", "scoringFe.sslKey"
_HA_NODES = 3
_SERVICE_TYPES = ("loadbalancer", "nodeport", "clusterip")
_NOT_BUILT = ("internalLoadBalancerProvider", "sslSecret", "privateEndpointILB", "privateEndpointNodeport")


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """How endpoints on a cluster are asked. `cname` is None where it answers HTTP at an address only."""

    cname: str | None
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)


def check_spelling(settings: Mapping[str, str], protected: Mapping[str, str]) -> None:
    """Refuses at once what is not built, or known to be obeyed in another spelling only."""
    both = {**settings, **protected}
    for name in _NOT_BUILT:
        if both.get(name):
            raise NotBuiltSetting(f"configurationSettings.{name} is {settings.get(name)!r}: it is not built.")
    service = str(both.get("inferenceRouterServiceType", "LoadBalancer"))
    if service.lower() in _SERVICE_TYPES[1:]:
        raise NotBuiltSetting(f"inferenceRouterServiceType is {service!r}: of the stand-in there is 'LoadBalancer'.")
    for file, sent in (("sslCertPemFile", CERTIFICATE), ("sslKeyPemFile", KEY)):
        if both.get(file) and not protected.get(sent):
            raise NotBuiltSetting(
                f"configurationProtectedSettings.{file} is a path for the Azure CLI, which sends the file's content: "
                f"send the PEM text as base64 in configurationProtectedSettings['{sent}']."
            )


def router_of(settings: Mapping[str, str], protected: Mapping[str, str], nodes: int) -> Router | None:
    """None: for training only. Raises OperationFailed, as an installation fails."""
    both = {**settings, **protected}
    if not _is_true(both, "enableInference"):
        if not _is_true(both, "enableTraining"):
            raise OperationFailed("neither enableTraining nor enableInference is True.")
        return None
    service = str(both.get("inferenceRouterServiceType", ""))
    if service.lower() not in _SERVICE_TYPES:
        raise OperationFailed(
            f"inferenceRouterServiceType is {service!r}: with enableInference it must be LoadBalancer, NodePort or "
            "ClusterIP."
        )
    if _is_true(both, "inferenceRouterHA", True) and nodes < _HA_NODES:
        raise TooFewNodes(nodes)
    if _is_true(both, "allowInsecureConnections"):
        return Router(cname=None)
    return _secured(str(both.get("sslCname") or "").lower(), protected)


def _secured(cname: str, protected: Mapping[str, str]) -> Router:
    if not cname:
        raise WrongCertificate("sslCname is required unless allowInsecureConnections is True.")
    certificate, key = (_decoded(protected, name) for name in (CERTIFICATE, KEY))
    _check_pair(certificate, key, cname)
    return Router(cname=cname, certificate=certificate, key=key)


def _decoded(protected: Mapping[str, str], name: str) -> bytes:
    value = protected.get(name)
    if not value:
        raise WrongCertificate(f"{name} is required unless allowInsecureConnections is True.")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise WrongCertificate(f"{name} is not base64.") from problem


def _check_pair(certificate: bytes, key: bytes, cname: str) -> None:
    try:
        leaf = x509.load_pem_x509_certificates(certificate)[0]
        public = load_pem_private_key(key, password=None).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:  # TypeError: it has a pass phrase
        raise WrongCertificate(f"the certificate or its key is no PEM without a pass phrase ({problem}).") from problem
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if leaf.public_key().public_bytes(*form) != public.public_bytes(*form):
        raise WrongCertificate("the key is not that of the certificate.")
    names = _names(leaf)
    if not any(_matches(name, cname) for name in names):
        raise WrongCertificate(f"the certificate is for {', '.join(names) or 'no name'}, and sslCname is '{cname}'.")


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        alternatives = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return [name.lower() for name in alternatives.get_values_for_type(x509.DNSName)]
    except x509.ExtensionNotFound:
        return [str(one.value).lower() for one in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]


def _matches(name: str, host: str) -> bool:
    """A wildcard stands for one label."""
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:])


def _is_true(settings: Mapping[str, str], name: str, default: bool = False) -> bool:
    return str(settings.get(name, default)).lower() == "true"
