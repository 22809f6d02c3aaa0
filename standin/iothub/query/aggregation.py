"""COUNT, AVG, SUM, MIN and MAX over the rows of a group.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language#select-clause
Rows without the value do not count. No page says what values of unlike types amount to: to nothing, here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from standin.iothub.query.evaluation import lookup
from standin.iothub.query.syntax import Aggregate
from standin.iothub.query.values import UNDEFINED


def aggregated(aggregate: Aggregate, group: Sequence[Mapping[str, Any]]) -> Any:
    if aggregate.path is None:
        return len(group)
    found = [value for document in group if (value := lookup(aggregate.path, document)) is not UNDEFINED]
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in found)
    texts = all(isinstance(value, str) for value in found) and aggregate.function in ("MIN", "MAX")
    if not found or not (numbers or texts):
        return UNDEFINED
    match aggregate.function:
        case "MIN":
            return min(found)
        case "MAX":
            return max(found)
        case "SUM":
            return sum(found)
        case _:
            return sum(found) / len(found)
