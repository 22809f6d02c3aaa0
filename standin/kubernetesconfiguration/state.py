"""The routers that extensions brought: which cluster has one, under which name, with which certificate."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

from standin.core.arm import Arm, Resource
from standin.core.certificates import Authority
from standin.kubernetesconfiguration.azureml import EXTENSION_TYPE, Router, router_of
from standin.kubernetesconfiguration.errors import OperationFailed, WrongCertificate
from standin.sealing import Sealer, Secrets

EXTENSIONS = "Microsoft.KubernetesConfiguration/extensions"


class Routers:
    def __init__(self, arm: Arm, authority: Authority, key_file: Path) -> None:
        """`key_file` holds the key that seals protected settings; it is made at first use."""
        self._arm = arm
        self._authority = authority
        self._key_file = key_file
        self._sealer: Sealer | None = None
        self.hosts: list[str] = []
        """Names at which a router answers now."""

    def load(self) -> None:
        """All that an earlier process knew."""
        for extension in self._arm.list(EXTENSIONS):
            if extension.properties.get("provisioningState") == "Succeeded":
                self._present(extension, self.router(extension))

    def install(self, extension: Resource) -> None:
        """Raises OperationFailed; what answered before answers still then."""
        router = self.router(extension)
        if router is not None and router.cname is not None:
            self._check_name(extension, router.cname)
        self._present(extension, router)

    def drop(self, extension: Resource) -> None:
        cname = extension.private.pop("cname", None)
        if cname in self.hosts:
            self.hosts.remove(cname)
            self._authority.withdraw(cname)

    def router(self, extension: Resource) -> Router | None:
        """As its settings want it."""
        settings = extension.properties.get("configurationSettings") or {}
        return router_of(settings, self.secrets(extension), self._nodes(extension))

    def of_cluster(self, cluster_id: str) -> Resource | None:
        """Azure ML's extension, where it is installed."""
        for extension in self._arm.list(EXTENSIONS, cluster_id):
            kind, state = (extension.properties.get(name) for name in ("extensionType", "provisioningState"))
            if str(kind).lower() == EXTENSION_TYPE.lower() and state == "Succeeded":
                return extension
        return None

    def cname_of(self, cluster_id: str) -> str | None:
        extension = self.of_cluster(cluster_id)
        return extension.private.get("cname") if extension else None

    # -- protected settings

    def secrets(self, extension: Resource) -> Secrets:
        sealed = extension.private.get("sealed")
        return self._seal().open(sealed) if sealed else {}

    def take(self, new: Resource, old: Resource | None) -> None:
        """Out of the body, before anybody stores it. An empty value is one that an answer said: it stands for the one
        of before."""
        given = new.properties.get("configurationProtectedSettings") or {}
        before = self.secrets(old) if old else {}
        known = {name: value or before.get(name, "") for name, value in given.items()}
        new.private = {**new.private, "sealed": self._seal().seal(known)}
        if given:
            new.properties["configurationProtectedSettings"] = dict.fromkeys(given, "")

    def _seal(self) -> Sealer:
        if self._sealer is None:
            self._sealer = Sealer.of(self._key_file)
        return self._sealer

    # -- small things

    def _present(self, extension: Resource, router: Router | None) -> None:
        context = _context(router) if router is not None and router.cname is not None else None
        self.drop(extension)
        if router is not None and router.cname is not None and context is not None:
            self._authority.present(router.cname, context)
            self.hosts.append(router.cname)
            extension.private["cname"] = router.cname

    def _check_name(self, extension: Resource, cname: str) -> None:
        for other in self._arm.list(EXTENSIONS):
            if other.key != extension.key and other.private.get("cname") == cname:
                raise OperationFailed(f"sslCname '{cname}' is that of another cluster's extension ({other.id}).")

    def _nodes(self, extension: Resource) -> int:
        cluster = self._arm.get(extension.parent_id)
        pools = (cluster.properties.get("agentPoolProfiles") or ()) if cluster else ()
        return sum(int(pool.get("count") or 0) for pool in pools)


def _context(router: Router) -> ssl.SSLContext:
    """Endpoints on Kubernetes have TLS 1.2, and no newer one.

    https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-online-endpoint
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.NamedTemporaryFile() as file:  # for the owner's eyes alone; ssl reads from files only
        file.write(router.certificate + b"\n" + router.key)
        file.flush()
        try:
            context.load_cert_chain(file.name)
        except ssl.SSLError as problem:
            raise WrongCertificate(f"the certificate cannot be used ({problem}).") from problem
    return context
