"""Tables of pumps: a regression, a classification of texts, one of truth values."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier

from models.table import Choice, Flag, Number, Table

SPEED, SITE, FILTERED = Number(0, 3000), Choice("outdoors", "indoors", "roof"), Flag()


def simulate(random: Random) -> Iterator[dict[str, Any]]:
    while True:
        speed, site, filtered = random.uniform(0, 3000), random.choice(SITE.values), random.random() < 0.5
        power = speed / 100 + 5 * (site == "roof") - filtered
        state = "worn" if power > 20 else "good" if power > 8 else "new"
        yield {
            "speed": speed, "site": site, "filtered": filtered, "power": power, "state": state, "hot": power > 20
        }  # fmt: skip


def table(label: str, kind: Any, **more: Any) -> Table[Any]:
    return Table(
        columns={"speed": SPEED, "site": SITE, label: kind, "filtered": FILTERED},
        label=label,
        estimator=_tree if not isinstance(kind, Number) else lambda given: LinearRegression(),
        simulate=simulate,
        **more,
    )


def _tree(given: Any) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(random_state=given.seed, max_depth=6)


POWER = table("power", Number(), thresholds={"mae": {"max": 0.001}})
STATE = table("state", Choice("new", "good", "worn"), thresholds={"accuracy": 0.9})
HOT = table("hot", Flag())
TABLES = {"power": POWER, "state": STATE, "hot": HOT}
