"""One sentence of a forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cloud.wording import printable

Kind = Literal["loss", "model", "place", "layer", "device", "notice", "unknown", "rest", "nothing"]


@dataclass(frozen=True, slots=True)
class Sentence:
    kind: Kind
    subject: str
    """The model, place, layer, device or resource that it is about."""
    text: str

    def __str__(self) -> str:
        """One line, whatever stands in the names that it tells."""
        line = printable(self.text)
        return f"! {line}" if self.kind == "loss" else line
