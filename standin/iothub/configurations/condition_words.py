"""Which words of the query language a target condition may be made of, and how they are written.

Names outside `[[ ]]` are plain and no words of the language (MicrosoftDocs/azure-docs#17106), values hold the
documented characters, numbers are decimal, brackets nest as deep as a person reads.
https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#target-condition
"""

from __future__ import annotations

import re

from standin.iothub.query.tokens import QuerySyntaxError

_DEEPEST = 30
_JOINTS = frozenset({"AND", "OR", "NOT", "IS_DEFINED", "TRUE", "FALSE"})
_LANGUAGE = """
select top distinct from where group order by having as join and or not in nin like between exists is is_defined
true false null undefined count avg sum min max asc desc case when then else end value
"""
_RESERVED = frozenset(re.findall(r"\S+", _LANGUAGE.upper()))
_SYSTEM = ("$version", "$metadata", "$lastUpdated", "$lastUpdatedVersion")
"""What the hub itself puts among the reported properties; a key of a user's begins with no $."""
_NAME = r"\$?[A-Za-z_][A-Za-z0-9_]*"
_ALONE = r"(?=[\s'()=<>!]|\Z)"
_WORD = re.compile(
    rf"""(?P<space>[ \t\r\n]+)
    | '(?:[A-Za-z0-9\-:.+%_\#*?!(),=@;$]|'')*'
    | (?P<path>{_NAME}(?:\.(?:{_NAME}|\[\[[A-Za-z0-9_\-:+%\#*?!(),=@;/]+\]\]))*){_ALONE}
    | -?[0-9]+(?:\.[0-9]+)?{_ALONE}
    | (?P<bracket>[()])
    | (?P<sign><=|>=|<>|!=|[=<>])""",
    re.VERBOSE,
)


def check_words(text: str) -> None:
    """Raises QuerySyntaxError at the first word that a target condition does not have."""
    position = depth = 0
    last = ""
    while position < len(text):
        word = _WORD.match(text, position)
        if word is None:
            shown = text[position : position + 20]
            raise QuerySyntaxError(f"{shown!r} cannot stand in a target condition", position)
        depth += {"(": 1, ")": -1}.get(word["bracket"] or "", 0)
        if depth > _DEEPEST:
            raise QuerySyntaxError(f"Nested more than {_DEEPEST} deep", position)
        if word["path"]:
            _check_path(word["path"], position)
        if (word["sign"] and last == ")") or (word["bracket"] == "(" and last.startswith(("=", "!", "<", ">"))):
            raise QuerySyntaxError("A comparison has no brackets on either side", position)
        if not word["space"]:
            last = word.group()
        position = word.end()


def _check_path(path: str, position: int) -> None:
    names = path.upper().split(".")
    if len(names) == 1 and names[0] in _JOINTS:
        return
    reserved = next((name for name in names if name in _RESERVED), None)
    if reserved is not None:
        message = f"{path}: {reserved} is a word of the language; as a name it is written [[{reserved.lower()}]]"
        raise QuerySyntaxError(message, position)
    strange = next((name for name in path.split(".") if name.startswith("$")), None)
    if strange is not None and not (strange in _SYSTEM and path.startswith("properties.reported.")):
        raise QuerySyntaxError(f"{path}: no twin has a key {strange}", position)
