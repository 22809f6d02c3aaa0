"""Computes that are refused, and models that train on none."""

from __future__ import annotations

from tests.infra.settings.good import MODEL, Refused

_OURS = '"here" is refused; allowed: another name: it is what train.on calls this machine'

COMPUTES: list[Refused] = [
    (
        (*MODEL, "train", "on"),
        "cpu-cluster",
        [
            'edgeway:models[0].train.on: "cpu-cluster" is refused; allowed: here, or the name of one of '
            "edgeway:computes, which has no cluster to train on"
        ],
    ),
    (
        ("edgeway:computes",),
        [{"name": "cpu-2", "kind": "cluster"}],
        [
            'edgeway:computes[0].name: "cpu-2" is refused; allowed: 3 to 24 of a-z, 0-9 and single -, a letter first, '
            "and no number after the last -, which Azure ML refuses"
        ],
    ),
    (
        ("edgeway:computes",),
        [{"name": "workspace", "kind": "cluster"}],
        [
            'edgeway:computes[0].name: "workspace" is refused; allowed: another name: the stack has an identity called '
            "so"
        ],
    ),
    (
        ("edgeway:computes",),
        [{"name": "aks", "kind": "aks"}, {"name": "cpu"}],
        [
            'edgeway:computes[0].kind: "aks" is refused; allowed: cluster or kubernetes',
            "edgeway:computes[1].kind: missing; allowed are cluster or kubernetes",
        ],
    ),
    (
        ("edgeway:computes",),
        [{"name": "cpu", "kind": "cluster", "size": "DS3 v2", "idleSeconds": 5, "nodes": 1}],
        [
            "edgeway:computes[0].nodes: unknown key; allowed are kind, name, size, minNodes, maxNodes, idleSeconds",
            'edgeway:computes[0].size: "DS3 v2" is refused; allowed: a size of Azure\'s such as Standard_DS3_v2',
            "edgeway:computes[0].idleSeconds: 5 is refused; allowed: a whole number from 60 to 86_400",
        ],
    ),
    (
        ("edgeway:computes",),
        [{"name": "here", "kind": "cluster", "minNodes": 2}, {"name": "here", "kind": "cluster"}],
        [
            'edgeway:computes[1].name: "here" is refused; allowed: a name that computes[0] has not, in any case',
            f"edgeway:computes[0].name: {_OURS}",
            "edgeway:computes[0].minNodes: 2 is refused; allowed: 0 to 1, which maxNodes is",
            f"edgeway:computes[1].name: {_OURS}",
        ],
    ),
    (
        (*MODEL, "train", "attempt"),
        0,
        ["edgeway:models[0].train.attempt: 0 is refused; allowed: a whole number from 1 to 1_000_000"],
    ),
]
