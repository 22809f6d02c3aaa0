"""Which of the names that models may have can be carried by what is named after them."""

from __future__ import annotations


def model_problem(model: str) -> str | None:
    """What is allowed of a model's name, where it is not; other rules keep it to a-z, 0-9 and _.

    https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcontainerinstance
    """
    if "__" not in model and not model.endswith("_"):
        return None
    return (
        "no two _ in a row and none at the end, as it stands in the names of container groups and images, in which "
        "Azure and Docker refuse that"
    )
