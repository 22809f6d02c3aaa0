"""The machines that a region has for Azure ML, and the cores that the subscription may have of them.

Azure ML counts cores by family of sizes, apart from those of virtual machines.
https://learn.microsoft.com/rest/api/azureml/usages/list ; https://learn.microsoft.com/rest/api/azureml/virtual-machine-sizes/list
https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cli.needs.subscription import Place
from cloud.azureml.online_endpoint import API_VERSION


def sizes(place: Place) -> dict[str, Mapping[str, Any]]:
    """By name, in small letters."""
    return {str(one["name"]).lower(): one for one in _asked(place, "vmSizes")}


def usages(place: Place) -> dict[str, Mapping[str, Any]]:
    """By `family_of`."""
    return {family_of(one["name"]["value"]): one for one in _asked(place, "usages")}


def family_of(name: object) -> str:
    """Sizes say `standardDSv2Family`, usages `Standard DSv2 Family Cluster Dedicated vCPUs`."""
    return re.sub(r"family|cluster|dedicated|vcpus|[^a-z0-9]", "", str(name).lower())


def _asked(place: Place, what: str) -> list[Mapping[str, Any]]:
    path = f"{place.scope}/providers/Microsoft.MachineLearningServices/locations/{place.location}/{what}"
    return list(place.listed(path, API_VERSION))
