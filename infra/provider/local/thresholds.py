"""Do the metrics reach the thresholds? If not, the message names metric, value, threshold and the key that sets it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.thresholds import Threshold, unmet
from pluginbase.resource import ProviderError


def check_thresholds(
    model: str, metrics: Mapping[str, float], thresholds: Mapping[str, Threshold], stack_file: Path | None
) -> None:
    missed = unmet(metrics, thresholds)
    if missed:
        key = config_key(model, stack_file)
        lines = [f"{entry} ({key}.{entry.metric})" for entry in missed]
        raise ProviderError(f"the model {model!r} is not good enough: {'; '.join(lines)}. Nothing was built from it.")


def config_key(model: str, stack_file: Path | None) -> str:
    """`edgeway:models[2].train.thresholds`, with the model's own index in the stack's configuration."""
    return f"edgeway:models[{_index(model, stack_file)}].train.thresholds"


def _index(model: str, stack_file: Path | None) -> str:
    import yaml

    try:
        config: Any = yaml.safe_load(stack_file.read_text(encoding="utf-8")) if stack_file else None
        models = config["config"]["edgeway:models"]
        return str([entry["name"] for entry in models].index(model))
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError):
        return f"name={model}"
