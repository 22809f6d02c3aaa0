"""The changes that the page tells of: each in words, and what it does to the stack's configuration or to the clone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clone.layout import Clone
from contracts.data import spec_key

Config = dict[str, Any]


@dataclass(frozen=True)
class Variant:
    """A change, in words; what it does to the stack's configuration; what it does to the clone."""

    text: str
    config: Callable[[Config], object] = lambda config: None
    clone: Callable[[Path], object] = lambda clone: None


def _model(config: Config) -> Any:
    return config["edgeway:models"][0]


def _layer(config: Config) -> Any:
    return config["edgeway:layers"][0]


def _other_data(clone: Path) -> None:
    file = clone / "other.csv"
    file.write_text("machine_temperature,anomaly\n99.5,1\n", encoding="utf-8")
    store = Clone(clone).data
    store.record(spec_key("anomaly", {"source": "simulator", "seed": 7, "rows": 618}), store.add(file))


def _append(name: str) -> Callable[[Path], object]:
    def edit(clone: Path) -> None:
        with (clone / name).open("a", encoding="utf-8") as file:
            file.write("# changed\n")

    return edit


def _other_learning(config: Config) -> None:
    train = _model(config)["train"]
    train["data"].update(seed=7)
    train["hyperparameters"].update(max_depth=3)


def _other_learner(clone: Path) -> None:
    _other_data(clone)
    _append("models/anomaly/train.py")(clone)


def _other_targets(config: Config) -> None:
    _layer(config).update(priority=30, targetCondition="tags.site = 'lab'")


def _on_a_cluster(config: Config) -> None:
    config["edgeway:computes"] = [{"name": "cpu-cluster", "kind": "cluster"}]
    _model(config)["train"]["on"] = "cpu-cluster"


def _in_kubernetes(config: Config) -> None:
    config["edgeway:computes"] = [{"name": "aks", "kind": "kubernetes"}]
    _model(config)["endpoints"].append({"kind": "kubernetes", "compute": "aks"})


def _on_a_machine(config: Config) -> None:
    key = f"ssh-ed25519 {68 * 'A'} someone@example"
    config["edgeway:devices"][0]["host"] = {"kind": "vm", "outbound": "nat", "sshPublicKey": key}


# Each is a run of half a second, so what does the same is one: that each of several moves the digest of a training
# is shown by tests/clone/test_training_inputs.py.
VARIANTS: Sequence[Variant] = (
    Variant("`models[].train.data`, `.hyperparameters`, a file of `models/<name>/`", _other_learning, _other_learner),
    Variant("`computes`, `models[].train.on`", _on_a_cluster),
    Variant("`computes`, `models[].endpoints`, in Kubernetes", _in_kubernetes),
    Variant("`models[].train.thresholds`", lambda config: _model(config)["train"]["thresholds"].update(recall=0.9)),
    Variant("a file of `images/scoring/`", clone=_append("images/scoring/__main__.py")),
    Variant("a file of `images/sensor/`", clone=_append("images/sensor/__main__.py")),
    Variant("`models[].endpoints`, a container group", lambda config: _model(config)["endpoints"][0].update(cpu=2.0)),
    Variant("`layers[].priority`, `.targetCondition`", _other_targets),
    Variant("`models[].gate`", lambda config: _model(config).update(gate={"startSeconds": 60})),
    Variant("`layers[].settings`", lambda config: _layer(config)["settings"].update(intervalSeconds=1)),
    Variant("`devices[].tags`", lambda config: config["edgeway:devices"][0]["tags"].update(site="plant")),
    Variant("`devices[].id`", lambda config: config["edgeway:devices"][0].update(id="edge-02")),
    Variant("`devices[].host`, a virtual machine", _on_a_machine),
    Variant("`edgeRuntime`", lambda config: config.update({"edgeway:edgeRuntime": "1.6.2"})),
    Variant("`baseImage`", lambda config: config.update({"edgeway:baseImage": f"python@sha256:{64 * 'b'}"})),
    Variant(
        "`iotHub.units`, `.retentionDays`", lambda config: config["edgeway:iotHub"].update(units=2, retentionDays=2)
    ),
    Variant("`iotHub.partitions`", lambda config: config["edgeway:iotHub"].update(partitions=4)),
    Variant("`registry.sku`", lambda config: config["edgeway:registry"].update(sku="Standard")),
    Variant("`registry.passwordRotation`", lambda config: config["edgeway:registry"].update(passwordRotation=1)),
    Variant("`protect`", lambda config: config.update({"edgeway:protect": True})),
    Variant("`location`", lambda config: config.update({"edgeway:location": "northeurope"})),
    Variant("`environment`", lambda config: config.update({"edgeway:environment": "test"})),
)
