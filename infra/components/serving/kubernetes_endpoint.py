"""A model served by an online endpoint of Azure ML in a Kubernetes cluster.

The certificate is the cluster's, the key Azure's.

https://learn.microsoft.com/azure/machine-learning/how-to-attach-kubernetes-anywhere
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.components.serving.kubernetes_compute import KubernetesCompute
from infra.components.serving.online_endpoint import OnlineEndpoint, OnlineEndpointArgs, Where
from infra.settings.serving import KubernetesSettings


@dataclass(frozen=True, kw_only=True)
class KubernetesEndpointArgs(OnlineEndpointArgs):
    compute: KubernetesCompute


class KubernetesEndpoint(OnlineEndpoint):
    component_type = "edgeway:infra:KubernetesEndpoint"

    def _place(self) -> Where:
        args = self._args
        assert isinstance(args, KubernetesEndpointArgs)
        size, compute = args.size, args.compute
        assert isinstance(size, KubernetesSettings)
        ca_pem = compute.cluster.certificate.ca_pem
        return Where(
            kind="Kubernetes",
            environment_name=f"{args.model}-kubernetes",
            compute_id=compute.id,
            ready=compute.ready,
            ca_pem=ca_pem,
            deployment={
                "instance_type": size.instance_type,
                "instances": size.replicas,
                "cpu": size.cpu,
                "memory_mb": size.memory_mb,
                "cluster_id": compute.cluster.id,
                "ca_pem": ca_pem,
            },
        )
