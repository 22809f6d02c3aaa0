"""Clusters of Kubernetes that are refused, and what is served on them."""

from __future__ import annotations

from tests.infra.settings.good import MODEL, Refused

_NAME = "3 to 16 of a-z, 0-9 and single -, a letter first, and no number after the last -, which Azure ML refuses"
_SIZES = (
    "Standard_DS3_v2 to Standard_DS5_v2, and with 4 to 64 cores Standard_D4s_v3, Standard_D4s_v5, Standard_D4as_v4, "
    "Standard_D4as_v5 and Standard_E4s_v5: Azure ML wants 4 cores and 14 GB of a cluster"
)
_MORE = "An InstanceType of your own, made with kubectl and named by instanceType, allows more"

KUBERNETES: list[Refused] = [
    (
        ("edgeway:computes",),
        [
            {"name": "a-cluster-of-aks17", "kind": "kubernetes"},
            {"name": "aks", "kind": "kubernetes", "size": "Standard_D2s_v3", "nodes": 0, "host": "models"},
            {"name": "aks-2", "kind": "kubernetes", "maxNodes": 3, "authorizedIpRanges": ["office"]},
        ],
        [
            f'edgeway:computes[0].name: "a-cluster-of-aks17" is refused; allowed: {_NAME}',
            f'edgeway:computes[1].size: "Standard_D2s_v3" is refused; allowed: {_SIZES}',
            "edgeway:computes[1].nodes: 0 is refused; allowed: a whole number from 1 to 100",
            'edgeway:computes[1].host: "models" is refused; allowed: a host name of yours such as models.example.com, '
            "64 characters at the most",
            "edgeway:computes[2].maxNodes: unknown key; allowed are kind, name, size, nodes, host, authorizedIpRanges",
            f'edgeway:computes[2].name: "aks-2" is refused; allowed: {_NAME}',
            'edgeway:computes[2].authorizedIpRanges[0]: "office" is refused; allowed: an address or a range of IPv4 '
            "such as 203.0.113.0/24",
        ],
    ),
    (
        ("edgeway:computes",),
        [{"name": "aks", "kind": "kubernetes", "authorizedIpRanges": ["203.0.113.7/24"]}],
        [
            'edgeway:computes[0].authorizedIpRanges[0]: "203.0.113.7/24" is refused; allowed: a range of IPv4 such as '
            "203.0.113.0/24 (203.0.113.7/24 has host bits set)"
        ],
    ),
    (
        (*MODEL, "endpoints", 0),
        {"kind": "kubernetes", "instances": 2, "replicas": 0},
        [
            "edgeway:models[0].endpoints[0].instances: unknown key; allowed are kind, compute, replicas, cpu, "
            "memoryGb, instanceType, latencyMs, bodyLimitMb, workers, batch, traffic, holdSeconds, probes",
            "edgeway:models[0].endpoints[0].compute: missing; it has no default; allowed: the name of a "
            "compute of kind kubernetes",
            "edgeway:models[0].endpoints[0].replicas: 0 is refused; allowed: a whole number from 1 to 100",
        ],
    ),
    (
        (*MODEL, "endpoints", 0),
        {"kind": "kubernetes", "compute": "aks", "cpu": 2, "memoryGb": 2, "latencyMs": 300_000, "traffic": [10]},
        [
            'edgeway:models[0].endpoints[0].compute: "aks" is refused; allowed: the name of one of edgeway:computes of '
            "kind kubernetes, which has none",
            "edgeway:models[0].endpoints[0].cpu: 2.0 is refused; allowed: less than 2: the defaultinstancetype of a "
            f"cluster has 2 cores. {_MORE}",
            "edgeway:models[0].endpoints[0].memoryGb: 2.0 is refused; allowed: less than 2: the defaultinstancetype of "
            f"a cluster has 2 GB. {_MORE}",
            "edgeway:models[0].endpoints[0].traffic: [10] is refused; allowed: shares in percent that rise to 100, "
            "such as [10, 50, 100] or [100]",
            "edgeway:models[0].endpoints[0].latencyMs: 300000 is refused; allowed: 1 to 299000: an online endpoint in "
            "Kubernetes itself gives up after 300 s",
        ],
    ),
]
