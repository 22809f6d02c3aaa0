"""Python source as a tree: read, never imported."""

from __future__ import annotations

import ast
import gc


def tree_of(name: str, source: bytes | str) -> ast.Module:
    """`ast.parse` without a collection in the midst of it. What a collection runs may parse as well (a warning's
    traceback does), and CPython 3.11 then takes its own depth for wrong: SystemError, "recursion depth mismatch"
    (https://github.com/python/cpython/issues/106905). Raises SyntaxError and ValueError."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source, name)
    finally:
        if collects:
            gc.enable()
