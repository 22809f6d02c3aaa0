"""The clone that this code lies in. Apart from `layout`, so that a command starts without what reads its stores."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
