"""Writes docs/replace.md: what each change replaces, in which order, and what is down meanwhile.

    python -m tools.replace_page            from the repository's root; tests/docs/test_replace.py compares

Nothing is typed in by hand but the sentences of replace_words.toml. The program runs under its strict mocks, once as
committed (dev) and once for each change of the first table; a difference is judged as the engine would judge it, by the
providers' own rules (path parameters, location, `replace_on`) and the options that the program gives.
"""

from __future__ import annotations

import copy
import os
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from contracts.data import Store, spec_key
from dryrun import ROOT, azure_token, engine_config, make_clone, run_program
from infra.provider.__main__ import resources as provider_types
from pluginbase.diff import changes, covers, parse, without
from standin.plugin.kinds import BY_TOKEN

PAGE = ROOT / "docs" / "replace.md"
WORDS = Path(__file__).with_name("replace_words.toml")
STACK = "dev"
_MANY = 15
_OWN = {one.token: one for one in provider_types()}
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
    store = Store(clone / ".local" / "data")
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


# Each is a run of half a second, so what does the same is one: that each of several moves the digest of a training
# is shown by tests/clone/test_training_inputs.py.
VARIANTS: Sequence[Variant] = (
    Variant("`models[].train.data`, `.hyperparameters`, a file of `models/<name>/`", _other_learning, _other_learner),
    Variant("`models[].train.thresholds`", lambda config: _model(config)["train"]["thresholds"].update(recall=0.9)),
    Variant("a file of `images/scoring/`", clone=_append("images/scoring/__main__.py")),
    Variant("a file of `images/sensor/`", clone=_append("images/sensor/__main__.py")),
    Variant("`models[].endpoints`, a container group", lambda config: _model(config)["endpoints"][0].update(cpu=2.0)),
    Variant("`layers[].priority`, `.targetCondition`", _other_targets),
    Variant("`layers[].settings`", lambda config: _layer(config)["settings"].update(intervalSeconds=1)),
    Variant("`devices[].tags`", lambda config: config["edgeway:devices"][0]["tags"].update(site="plant")),
    Variant("`devices[].id`", lambda config: config["edgeway:devices"][0].update(id="edge-02")),
    Variant("`edgeRuntime`", lambda config: config.update({"edgeway:edgeRuntime": "1.6.2"})),
    Variant(
        "`iotHub.units`, `.retentionDays`", lambda config: config["edgeway:iotHub"].update(units=2, retentionDays=2)
    ),
    Variant("`iotHub.partitions`", lambda config: config["edgeway:iotHub"].update(partitions=4)),
    Variant("`registry.sku`", lambda config: config["edgeway:registry"].update(sku="Standard")),
    Variant("`protect`", lambda config: config.update({"edgeway:protect": True})),
    Variant("`location`", lambda config: config.update({"edgeway:location": "northeurope"})),
    Variant("`environment`", lambda config: config.update({"edgeway:environment": "test"})),
)


@dataclass(frozen=True)
class Registered:
    """A resource of the program with the rules that decide how it changes."""

    record: Mapping[str, Any]

    @property
    def type(self) -> str:
        return str(self.record["type"])

    @property
    def key(self) -> str:
        return f"{self.type} {self.record['name']}"

    @cached_property
    def short(self) -> str:
        """The type's name; two of azure-native's are both called Workspace."""
        name = self.type.rpartition(":")[2]
        return azure_token(self.type) if name == "Workspace" else name

    @cached_property
    def by_provider(self) -> list[str]:
        """What the provider itself replaces for."""
        if self.type in _OWN:
            return sorted(_OWN[self.type].replace_on)
        kind = BY_TOKEN[azure_token(self.type)]
        location = ["location"] if "location" in self.record["inputs"] else []
        return [*kind.params, *location, *sorted(kind.replace_on)]

    @cached_property
    def replaced_by(self) -> list[str]:
        asked = self.record["options"].get("replaceOnChanges", [])
        return [*self.by_provider, *(path for path in asked if path not in self.by_provider)]

    @property
    def ignored(self) -> list[str]:
        return list(self.record["options"].get("ignoreChanges", []))

    @property
    def delete_first(self) -> bool:
        """azure-native deletes first whatever is named by the program, which is everything here."""
        if self.record["options"].get("deleteBeforeReplace"):
            return True
        return _OWN[self.type].delete_before_replace if self.type in _OWN else True


@dataclass(frozen=True)
class Effect:
    deleted_first: list[Registered]
    replaced: list[Registered]
    updated: list[Registered]
    new: list[Registered]
    gone: list[Registered]


Program = dict[str, Registered]


def compare(old: Program, new: Program) -> Effect:
    replaced: dict[str, Registered] = {}
    updated: list[Registered] = []
    for key, one in new.items():
        found = changes(old[key].record["inputs"], one.record["inputs"], one.replaced_by) if key in old else []
        found = without(found, one.ignored)
        if any(change.replace for change in found):
            replaced[key] = one
        elif found:
            updated.append(one)
    first = _with_dependents(new, {key for key, one in replaced.items() if one.delete_first})
    return Effect(
        deleted_first=[one for key, one in new.items() if key in first],
        replaced=[one for key, one in replaced.items() if key not in first],
        updated=[one for one in updated if one.key not in first],
        new=[one for key, one in new.items() if key not in old],
        gone=[one for key, one in old.items() if key not in new],
    )


def _with_dependents(program: Program, first: set[str]) -> set[str]:
    """Before it deletes, the engine asks of every dependent whether it can stay while that input is not known."""
    found = set(first)
    while True:
        more = {key for key, one in program.items() if key not in found and _must_go(one, found)}
        if not more:
            return found
        found |= more


def _must_go(one: Registered, going: set[str]) -> bool:
    return any(
        going & set(sources) and any(covers(parse(pattern), (name,)) for pattern in one.by_provider)
        for name, sources in one.record["property_dependencies"].items()
    )


def programs(variants: Sequence[Variant]) -> Iterator[Program]:
    """The program as committed, then once for each variant."""
    text = (ROOT / f"Pulumi.{STACK}.yaml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:

        def run(number: int, variant: Variant) -> Program:
            clone = make_clone(Path(folder) / str(number))
            config: Config = copy.deepcopy(yaml.safe_load(text)["config"])
            variant.config(config)
            variant.clone(clone)
            plan = run_program(clone, STACK, "up", engine_config(config))
            if "refused" in plan:
                raise SystemExit(f"{variant.text}: {plan['refused']}")
            registered = [Registered(record) for record in plan["resources"] if record["custom"]]
            # the order in which a program registers is not fixed
            return {one.key: one for one in sorted(registered, key=lambda one: one.key)}

        everything = (Variant("as committed"), *variants)
        yield from pool.map(run, range(len(everything)), everything)


# -- the page


def page() -> str:
    words: dict[str, dict[str, str]] = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    committed, *changed = programs(VARIANTS)
    _check_words(words, committed)
    effects = [compare(committed, one) for one in changed]
    protected = {key for key, one in changed[_place("`protect`")].items() if one.record["options"].get("protect")}
    return "\n".join([*_head(), *_by_change(committed, effects), *_by_type(committed, words, protected), ""])


def _place(text: str) -> int:
    return next(place for place, variant in enumerate(VARIANTS) if variant.text == text)


def _check_words(words: Mapping[str, Mapping[str, str]], program: Program) -> None:
    types = {one.short: bool(one.replaced_by) for one in program.values()}
    if missing := sorted(short for short, replaced in types.items() if replaced and "down" not in words.get(short, {})):
        raise SystemExit(f"{WORDS.name} does not say what is down without {', '.join(missing)}")
    if spare := sorted(words.keys() - types):
        raise SystemExit(f"{WORDS.name} speaks of {', '.join(spare)}, which the program has not")


def _head() -> list[str]:
    return [
        "# What each change replaces, and what is down meanwhile",
        "",
        "Generated by `python -m tools.replace_page` from the program under mocks, and compared by a test: do not edit."
        " A preview says the same of your own change; this page says it before you make one.",
        "",
        "- *Deleted first*: Azure allows a name once, so the old one goes before the new one comes, and with it "
        "whatever cannot stay without it.",
        "- *New beside the old*: the new one is there before the old one goes.",
        "- *In place*: the same thing with another value.",
        "",
        "Where Azure refuses an update, the program asks for the replacement (`replace_on_changes`), so that a preview "
        "shows it before `up` meets the refusal. Order and rules are those of the engine and of azure-native; none of "
        "this was run on Azure ([parity.md](parity.md)).",
        "",
    ]


def _by_change(program: Program, effects: Sequence[Effect]) -> list[str]:
    lines = [
        "## By change",
        "",
        f"The stack `{STACK}` as committed, with one thing changed.",
        "",
        "| change | deleted first, made again | new beside the old | in place | comes / goes |",
        "|---|---|---|---|---|",
    ]
    for variant, effect in zip(VARIANTS, effects, strict=True):
        moved = [f"comes: {_names(effect.new)}"] if effect.new else []
        moved += [f"goes: {_names(effect.gone)}"] if effect.gone else []
        cells = [
            variant.text,
            _some(effect.deleted_first, program),
            _some(effect.replaced, program),
            _some(effect.updated, program),
            "; ".join(moved) or "-",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _some(found: Sequence[Registered], program: Program) -> str:
    if len(found) <= _MANY:
        return _names(found) or "-"
    going = {one.key for one in found}
    rest = [one for key, one in program.items() if key not in going]
    return f"{len(found)} of {len(program)} resources, all but {_names(rest)}"


def _names(found: Sequence[Registered]) -> str:
    names: dict[str, list[str]] = defaultdict(list)
    for one in found:
        names[one.short].append(str(one.record["name"]))
    return ", ".join(f"{short} ({', '.join(sorted(names[short]))})" for short in sorted(names))


def _by_type(program: Program, words: Mapping[str, Mapping[str, str]], protected: set[str]) -> list[str]:
    lines = ["## By resource", ""]
    groups: dict[str, list[Registered]] = defaultdict(list)
    for one in program.values():
        groups[one.short].append(one)
    for short in sorted(groups, key=str.lower):
        lines += [*_one_type(short, groups[short], words.get(short, {}), protected), ""]
    return lines[:-1]


def _one_type(short: str, group: Sequence[Registered], words: Mapping[str, str], protected: set[str]) -> list[str]:
    any_one = group[0]
    replaced = _union(one.replaced_by for one in group)
    places = _union(in_place(one.record["inputs"], [*replaced, *one.ignored]) for one in group)
    lines = [f"### {short}", "", f"`{any_one.type}`: {_plain(group)}.", ""]
    if replaced:
        lines.append(f"- Replaced by a change of {_code(replaced)}: {_order(any_one)}.")
        lines.append(f"- Down meanwhile: {words['down']}.")
    else:
        lines.append("- Never replaced.")
    lines.append(f"- In place: {_code(places)}." if places else "- In place: nothing.")
    if deaf := [one for one in group if one.ignored]:
        lines.append(f"- A change of {_code(_union(one.ignored for one in deaf))} is ignored ({_plain(deaf)}).")
    if "note" in words:
        lines.append(f"- {words['note'][0].upper()}{words['note'][1:]}.")
    if any(one.key in protected for one in group):
        lines.append("- Where the stack says `protect: true` (prod does), a replacement or a destroy is refused.")
    return lines


def _plain(group: Sequence[Registered]) -> str:
    return ", ".join(sorted(str(one.record["name"]) for one in group))


def _order(one: Registered) -> str:
    return "the old one is deleted first" if one.delete_first else "the new one comes beside the old one"


def _union(lists: Any) -> list[str]:
    return list(dict.fromkeys(path for found in lists for path in found))


def _code(paths: Sequence[str]) -> str:
    return ", ".join(f"`{path}`" for path in paths)


def in_place(inputs: Mapping[str, Any], fixed: Sequence[str]) -> list[str]:
    """The inputs below none of `fixed`, each by the shortest path that holds nothing fixed."""
    patterns = [parse(path) for path in fixed]

    def walk(value: Any, path: tuple[str, ...]) -> Iterator[str]:
        if any(len(pattern) <= len(path) and covers(pattern, path) for pattern in patterns):
            return
        if not any(covers(pattern, path) for pattern in patterns):
            yield ".".join(path).replace(".*", "[*]")
        elif isinstance(value, Mapping):
            for name in sorted(value):
                yield from walk(value[name], (*path, name))
        elif isinstance(value, list):
            for item in value:
                yield from walk(item, (*path, "*"))

    return list(dict.fromkeys(found for name in sorted(inputs) for found in walk(inputs[name], (name,))))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.relative_to(ROOT)}\n")
