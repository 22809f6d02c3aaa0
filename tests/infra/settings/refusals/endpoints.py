"""Entries of endpoints that are refused by themselves."""

from __future__ import annotations

from tests.infra.settings.good import MODEL, Refused

ENDPOINTS: list[Refused] = [
    (
        (*MODEL, "endpoints", 0),
        {"kind": "online", "cpu": 1, "instances": 51, "probes": 0},
        [
            "edgeway:models[0].endpoints[0].cpu: unknown key; allowed are kind, instanceType, instances, "
            "latencyMs, bodyLimitMb, workers, batch, traffic, holdSeconds, probes",
            "edgeway:models[0].endpoints[0].instances: 51 is refused; allowed: a whole number from 1 to 50",
            "edgeway:models[0].endpoints[0].probes: 0 is refused; allowed: a whole number from 1 to 10_000",
        ],
    ),
    (
        (*MODEL, "endpoints", 0),
        {"kind": "online", "instanceType": "Standard_D2s_v3", "holdSeconds": "long", "traffic": []},
        [
            'edgeway:models[0].endpoints[0].instanceType: "Standard_D2s_v3" is refused; allowed: Standard_DS1_v2 to '
            "Standard_DS5_v2, and with their number of cores Standard_D2as_v4, Standard_D2a_v4 (to 96), "
            "Standard_E2s_v3 (to 64) and Standard_F2s_v2 (to 72): what Azure lists for managed online "
            "endpoints, without GPUs",
            "edgeway:models[0].endpoints[0].traffic: [] is refused; allowed: a list of 1 or more",
            'edgeway:models[0].endpoints[0].holdSeconds: "long" is refused; allowed: a whole number from 0 to 3_600',
        ],
    ),
    (
        (*MODEL, "endpoints", 0),
        {"kind": "aks"},
        ['edgeway:models[0].endpoints[0].kind: "aks" is refused; allowed: containerGroup or online or kubernetes'],
    ),
    (
        (*MODEL, "endpoints", 0),
        {},
        ["edgeway:models[0].endpoints[0].kind: missing; allowed are containerGroup or online or kubernetes"],
    ),
]
