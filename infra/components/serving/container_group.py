"""A model served over HTTPS by a container group of its own (ACI), which has no TLS: the container serves it itself.

Key, certificate and private key come from a secret volume, the image is pulled by identity.
https://learn.microsoft.com/azure/container-instances/container-instances-volume-secret
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import containerinstance as aci

from contracts.names import (
    SCORING_PORT,
    SCORING_TLS_PORT,
    SECRET_SCORING_KEY,
    SECRET_TLS_CERTIFICATE,
    SECRET_TLS_PRIVATE_KEY,
    SECRETS_FOLDER,
)
from infra.components.model import Model
from infra.components.serving.image_puller import ImagePuller
from infra.components.serving.served_at import ServedAt
from infra.components.site import Site
from infra.pinned import pinned
from infra.resources.certificate import Certificate, CertificateArgs
from infra.resources.group_ready import GroupReady, GroupReadyArgs
from infra.resources.key import Key, KeyArgs
from infra.settings.serving import ContainerGroupSettings

_API_VERSION = "v20250901"  # the SDK has a preview version of 2024
_VOLUME = "secrets"
_CERTIFICATE_DAYS = 825
_CONTAINER = "scorer"
_READY_SECONDS = 300
"""From Azure's word that the container was started until it must serve."""
# What Azure refuses to change in place (InvalidContainerGroupUpdate); a new image is an update.
_CREATE_ONLY = (
    "osType",
    "restartPolicy",
    "sku",
    "priority",
    "zones",
    "subnetIds",
    "location",
    "ipAddress",
    "identity",
    "imageRegistryCredentials",
    "volumes",
    "containers[*].name",
    "containers[*].resources",
    "containers[*].ports",
    "containers[*].volumeMounts",
    "diagnostics",
)


@dataclass(frozen=True, kw_only=True)
class ContainerGroupEndpointArgs:
    site: Site
    model: str
    container_group_name: str
    dns_label: str
    built: Model
    """Whose image it runs, and in which version."""
    puller: ImagePuller
    size: ContainerGroupSettings


class ContainerGroupEndpoint(pulumi.ComponentResource):
    def __init__(self, name: str, args: ContainerGroupEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Scoring", name, None, opts)
        self._args = args
        # The certificate carries the name, so it has to be known before the group is made: hence the scope Unsecure,
        # whose names hold no hash. Who takes the name over after a destroy cannot answer: clients trust our CA only.
        host = f"{args.dns_label}.{args.site.location}.azurecontainer.io"
        child = pulumi.ResourceOptions(parent=self)
        self.key = Key(name, KeyArgs(), child)
        self.certificate = Certificate(
            name,
            CertificateArgs(common_name=host, dns_names=[host], validity_days=_CERTIFICATE_DAYS),
            child,
        )
        self.group = self._group(name)
        self.served_at = ServedAt(
            model=args.model,
            url=f"https://{host}/score",
            key=self.key.value,
            ca_pem=self.certificate.ca_pem,
            ip=self.group.ip_address.apply(lambda address: (address and address.ip) or ""),
            fqdn=self.group.ip_address.apply(lambda address: (address and address.fqdn) or ""),
        )
        self._ready(name, host)
        self.register_outputs({"url": self.served_at.url})

    def _ready(self, name: str, host: str) -> GroupReady:
        """Azure calls a group Succeeded whose container crashes for ever: without this a `pulumi up` would, too."""
        args, address = self._args, self.served_at.ip
        return GroupReady(
            name,
            GroupReadyArgs(
                group_id=self.group.id,
                container=_CONTAINER,
                image=args.built.ref,
                restarted_by=self._restarted_by(),
                url=f"https://{host}/ready",
                address="" if address is None else address,
                ca_pem=self.certificate.ca_pem,
                model=args.model,
                version=args.built.run.version,
                timeout_seconds=_READY_SECONDS,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    @property
    def _variables(self) -> dict[str, str]:
        return self._args.size.variables(self._args.size.memory_mb)

    def _restarted_by(self) -> str:
        size = self._args.size
        told = [f"{name} {value}" for name, value in self._variables.items() if name != "SCORING_TIMEOUT_MS"]
        return ", ".join([f"{size.cpu:g} CPU", f"{size.memory_gb:g} GB", f"{size.latency_ms} ms", *told])

    def _group(self, name: str) -> aci.ContainerGroup:
        args, site = self._args, self._args.site
        return pinned(aci.ContainerGroup, _API_VERSION)(
            name,
            container_group_name=args.container_group_name,
            resource_group_name=site.resource_group_name,
            location=site.location,
            tags=site.tags,
            os_type="Linux",
            restart_policy="Always",
            sku="Standard",
            identity=aci.ContainerGroupIdentityArgs(
                type=aci.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[args.puller.identity.id]
            ),
            image_registry_credentials=[
                aci.ImageRegistryCredentialArgs(server=args.puller.login_server, identity=args.puller.identity.id)
            ],
            ip_address=aci.IpAddressArgs(
                type="Public",
                dns_name_label=args.dns_label,
                auto_generated_domain_name_label_scope="Unsecure",
                ports=[aci.PortArgs(port=SCORING_TLS_PORT, protocol="TCP")],
            ),
            containers=[self._container()],
            volumes=[aci.VolumeArgs(name=_VOLUME, secret=self._secrets())],
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.puller.ready),
                delete_before_replace=True,
                replace_on_changes=list(_CREATE_ONLY),
            ),
        )

    def _container(self) -> aci.ContainerArgs:
        cpu, memory_gb = self._args.size.cpu, self._args.size.memory_gb
        return aci.ContainerArgs(
            name=_CONTAINER,
            image=self._args.built.ref,
            ports=[aci.ContainerPortArgs(port=port, protocol="TCP") for port in (SCORING_TLS_PORT, SCORING_PORT)],
            resources=aci.ResourceRequirementsArgs(
                requests=aci.ResourceRequestsArgs(cpu=cpu, memory_in_gb=memory_gb),
                limits=aci.ResourceLimitsArgs(cpu=cpu, memory_in_gb=memory_gb),
            ),
            environment_variables=[
                aci.EnvironmentVariableArgs(name="SCORING_PORT", value=str(SCORING_PORT)),
                aci.EnvironmentVariableArgs(name="SCORING_TLS_PORT", value=str(SCORING_TLS_PORT)),
                aci.EnvironmentVariableArgs(name="SCORING_SECRETS", value=SECRETS_FOLDER),
                *(aci.EnvironmentVariableArgs(name=name, value=value) for name, value in self._variables.items()),
            ],
            volume_mounts=[aci.VolumeMountArgs(name=_VOLUME, mount_path=SECRETS_FOLDER, read_only=True)],
            liveness_probe=_probe("/live", initial_delay_seconds=10, period_seconds=10, failure_threshold=6),
            readiness_probe=_probe("/ready", initial_delay_seconds=0, period_seconds=5, failure_threshold=3),
        )

    def _secrets(self) -> dict[str, pulumi.Input[str]]:
        """A secret volume takes its files in base64; a secret's base64 stays a secret."""
        files = {
            SECRET_SCORING_KEY: self.key.value,
            SECRET_TLS_CERTIFICATE: self.certificate.certificate_pem,
            SECRET_TLS_PRIVATE_KEY: self.certificate.private_key_pem,
        }
        return {name: text.apply(lambda text: base64.b64encode(text.encode()).decode()) for name, text in files.items()}


def _probe(
    path: str, *, initial_delay_seconds: int, period_seconds: int, failure_threshold: int
) -> aci.ContainerProbeArgs:
    return aci.ContainerProbeArgs(
        http_get=aci.ContainerHttpGetArgs(path=path, port=SCORING_PORT, scheme="http"),
        initial_delay_seconds=initial_delay_seconds,
        period_seconds=period_seconds,
        timeout_seconds=5,
        failure_threshold=failure_threshold,
    )
