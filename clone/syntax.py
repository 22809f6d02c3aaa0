"""Python source that cannot be read: told in two lines, not by an interpreter's traceback."""

from __future__ import annotations

import ast
import warnings

from clone.errors import CloneError
from contracts.syntax import tree_of


class SourceError(CloneError):
    """A file's syntax is wrong: names file, line and what, and shows the line."""


def parsed(name: str, source: bytes) -> ast.Module:
    r"""Raises SourceError: `<file>, line 3: invalid syntax\n  retrun 1`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            # some errors (a `return` outside of a function) are not the parser's
            compile(source, name, "exec", dont_inherit=True)
            return tree_of(name, source)
    except SyntaxError as error:
        raise SourceError(_told(name, source, error)) from error
    except ValueError as error:
        raise SourceError(f"{name}: {error}") from error


def _told(name: str, source: bytes, error: SyntaxError) -> str:
    lines = source.decode(errors="replace").splitlines()
    if not error.lineno or error.lineno > len(lines):
        return f"{name}: {error.msg}"
    return f"{name}, line {error.lineno}: {error.msg}\n  {lines[error.lineno - 1].strip()}"
