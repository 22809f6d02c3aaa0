"""Turns the text of previews (one file a stack) into the markdown of one pull request comment.

Usage: preview_comment.py FILE.txt...   The stack's name is the file's stem. Prints to standard output.
What stands before the first empty line, the sentences, is what a reviewer reads; the rest, every resource, is folded.
A comment holds 65,536 characters at most (GitHub's limit); the middle of a longer preview is cut, and the cut is named.
"""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path

MARKER = "<!-- edgeway-preview -->"
LIMIT = 60_000
MOST_SENTENCES = 40
CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def cut(text: str, limit: int) -> str:
    """The text, or its head and tail around a line that says how much was left out."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n... {len(text) - 2 * half} characters left out ...\n{text[-half:]}"


def section(stack: str, text: str, limit: int) -> str:
    """One stack's preview. Escaped, because the text comes from a pull request that may be a stranger's."""
    clean = CONTROL.sub("", text).strip() or "the preview printed nothing"
    sentences, _, resources = clean.partition("\n\n")
    lines = cut(sentences, limit // 2).splitlines()
    more = [f"... {len(lines) - MOST_SENTENCES} more"] if len(lines) > MOST_SENTENCES else []
    head = "\n".join(map(item, [*lines[:MOST_SENTENCES], *more]))
    folded = html.escape(cut(resources.strip() or clean, limit // 2), quote=False)
    # the empty line ends <details> as a block of HTML: within <pre> a stranger's empty line then ends nothing
    details = f"<details><summary>every resource</summary>\n\n<pre>{folded}</pre>\n</details>"
    return f"### `{html.escape(stack)}`\n<ul>\n{head}\n</ul>\n{details}\n"


def item(sentence: str) -> str:
    """A loss, which begins with !, stands out. An @ of a stranger calls nobody."""
    text = html.escape(sentence.removeprefix("! "), quote=False).replace("@", "@\u200b")
    return f"<li><b>{text}</b></li>" if sentence.startswith("! ") else f"<li>{text}</li>"


def comment(previews: dict[str, str]) -> str:
    # escaping can at most quintuple a character (& -> &amp;)
    limit = LIMIT // (5 * max(1, len(previews)))
    return "\n".join(
        [MARKER, "## What this pull request would change", *(section(*p, limit) for p in previews.items())]
    )


def main() -> None:
    files = [Path(name) for name in sys.argv[1:]]
    if not files:
        sys.exit("usage: preview_comment.py FILE.txt...")
    print(comment({file.stem: file.read_text(errors="replace") for file in sorted(files)}))


if __name__ == "__main__":
    main()
