"""Clusters of Kubernetes in the configuration, and endpoints on them; what is refused is in refusals/kubernetes.py."""

from __future__ import annotations

import pytest

from edge.layers import catalogue
from infra.settings.checks import check
from infra.settings.load import SettingsError, load
from infra.settings.serving import KubernetesSettings
from infra.settings.tree import Settings
from tests.infra.settings.good import DECLARED, MODEL, changed


def settings_of(given: dict[str, str]) -> Settings:
    settings = load(given)
    check(settings, catalogue(), (), DECLARED)
    return settings


def test_a_kubernetes_cluster_has_a_default_for_all_but_its_name_and_an_endpoint_for_all_but_the_cluster() -> None:
    computes = [{"name": "aks", "kind": "kubernetes"}, {"name": "cpu", "kind": "cluster"}]
    endpoints = [{"kind": "kubernetes", "compute": "aks"}]
    settings = settings_of(changed((("edgeway:computes",), computes), ((*MODEL, "endpoints"), endpoints)))

    (cluster,) = settings.kubernetes_clusters
    assert (cluster.size, cluster.nodes, cluster.host, cluster.authorized_ip_ranges) == ("Standard_D4s_v3", 3, None, ())
    (served,) = settings.models[0].endpoints
    assert isinstance(served, KubernetesSettings)
    assert (served.replicas, served.cpu, served.memory_mb, served.traffic) == (2, 0.5, 1024, (10, 50, 100))
    assert [one.name for one in settings.training_clusters] == ["cpu"]


def test_an_instance_type_of_ones_own_allows_replicas_of_any_size() -> None:
    computes = [{"name": "aks", "kind": "kubernetes"}]
    endpoints = [{"kind": "kubernetes", "compute": "aks", "cpu": 6, "memoryGb": 24, "instanceType": "large"}]
    settings = settings_of(changed((("edgeway:computes",), computes), ((*MODEL, "endpoints"), endpoints)))

    assert settings.models[0].endpoints[0].memory_mb == 24 * 1024


def test_no_model_trains_on_a_cluster_of_kubernetes() -> None:
    computes = [{"name": "aks", "kind": "kubernetes"}]
    with pytest.raises(SettingsError, match=r'edgeway:models\[0\].train.on: "aks" is refused'):
        settings_of(changed((("edgeway:computes",), computes), ((*MODEL, "train", "on"), "aks")))
