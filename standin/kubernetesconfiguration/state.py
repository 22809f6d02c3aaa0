"""The routers that extensions brought: which cluster has one, under which name, with which certificate."""

from __future__ import annotations

import logging
import ssl
import tempfile
from pathlib import Path

from standin.containers import addresses
from standin.core.arm import Arm, Resource
from standin.core.certificates import Authority
from standin.core.serving.fronts import HTTPS, Fronts
from standin.core.serving.listeners import PortTaken
from standin.kubernetesconfiguration.azureml import EXTENSION_TYPE, Router, router_of
from standin.kubernetesconfiguration.errors import OperationFailed, WrongCertificate
from standin.sealing import Sealer, Secrets

log = logging.getLogger("standin.routers")

EXTENSIONS = "Microsoft.KubernetesConfiguration/extensions"
_CLUSTERS = "Microsoft.ContainerService/managedClusters"


class Routers:
    def __init__(self, arm: Arm, authority: Authority, key_file: Path, fronts: Fronts, instance: str) -> None:
        """`key_file` holds the key that seals protected settings, and is made at first use; `instance` is the
        stand-in's, which has loopback addresses of its own."""
        self._arm = arm
        self._authority = authority
        self._fronts = fronts
        self._instance = instance
        self._key_file = key_file
        self._sealer: Sealer | None = None
        self.hosts: list[str] = []
        """Names at which a router answers now."""

    async def load(self) -> None:
        """All that an earlier process knew."""
        for extension in self._arm.list(EXTENSIONS):
            if extension.properties.get("provisioningState") == "Succeeded":
                try:
                    await self._present(extension, self.router(extension))
                except OperationFailed as problem:
                    log.warning("%s: %s", extension.id, problem.message)

    async def stop(self) -> None:
        await self._fronts.stop()

    async def install(self, extension: Resource) -> None:
        """Raises OperationFailed; what answered before answers still then."""
        router = self.router(extension)
        if router is not None and router.cname is not None:
            self._check_name(extension, router.cname)
        await self._present(extension, router)

    async def drop(self, extension: Resource) -> None:
        self._withdraw(extension)
        if (address := extension.private.pop("address", None)) is not None:
            await self._fronts.close(address)

    def _withdraw(self, extension: Resource) -> None:
        cname = extension.private.pop("cname", None)
        if cname in self.hosts:
            self.hosts.remove(cname)
            self._authority.withdraw(cname)

    def in_group(self, group: str) -> list[tuple[Resource, str]] | None:
        """Clusters whose nodes lie in a group, and the address of the router of each; None where there is none."""
        clusters = [
            cluster
            for cluster in self._arm.list(_CLUSTERS)
            if str(cluster.properties.get("nodeResourceGroup")).lower() == group.lower()
        ]
        extensions = [(cluster, self.of_cluster(cluster.id)) for cluster in clusters]
        found = [(one, str(extension.private["address"])) for one, extension in extensions
                 if extension is not None and "address" in extension.private]  # fmt: skip
        return found if clusters else None

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

    async def _present(self, extension: Resource, router: Router | None) -> None:
        if router is None or router.cname is None:
            await self.drop(extension)
            return
        context = _context(router)
        await self._open(extension)
        self._withdraw(extension)
        self._authority.present(router.cname, context)
        self.hosts.append(router.cname)
        extension.private["cname"] = router.cname

    async def _open(self, extension: Resource) -> None:
        """At an address of its own, the same again after a restart."""
        address = extension.private.get("address") or self._address(extension)
        try:
            await self._fronts.open(address)
        except (OSError, PortTaken) as problem:
            raise OperationFailed(
                f"[E40001] LOAD_BALANCER_NOT_SUPPORT: nobody may listen at {address}:{HTTPS} ({problem}). Linux allows "
                f"it by `sudo sysctl -w net.ipv4.ip_unprivileged_port_start={HTTPS}`."
            ) from problem
        extension.private["address"] = address

    def _address(self, extension: Resource) -> str:
        taken = {one.private["address"] for one in self._arm.list() if "address" in one.private}
        address = addresses.choose(self._instance, extension.key, (), taken, addresses.is_free)
        if address is None:
            raise OperationFailed("[E40001] LOAD_BALANCER_NOT_SUPPORT: no loopback address is left.")
        return address

    def _check_name(self, extension: Resource, cname: str) -> None:
        for other in self._arm.list(EXTENSIONS):
            if other.key != extension.key and other.private.get("cname") == cname:
                raise OperationFailed(f"sslCname '{cname}' is that of another cluster's extension ({other.id}).")

    def _nodes(self, extension: Resource) -> int:
        cluster = self._arm.get(extension.parent_id)
        pools = (cluster.properties.get("agentPoolProfiles") or ()) if cluster else ()
        return sum(int(pool.get("count") or 0) for pool in pools)


def _context(router: Router) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.NamedTemporaryFile() as file:  # for the owner's eyes alone; ssl reads from files only
        file.write(router.certificate + b"\n" + router.key)
        file.flush()
        try:
            context.load_cert_chain(file.name)
        except ssl.SSLError as problem:
            raise WrongCertificate(f"the certificate cannot be used ({problem}).") from problem
    return context
