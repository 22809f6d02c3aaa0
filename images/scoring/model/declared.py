"""`python -m images.scoring.model.declared SCRIPT`: the JSON schema of what an entry script takes, or `null`.

It stands on the last line of stdout: a script may print, too. Run by whoever must not import the script himself.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from images.scoring.errors import StartError
from images.scoring.model.entry_script import declared_input


def main(script: str) -> int:
    try:
        schema = declared_input(Path(script))
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"\n{json.dumps(schema)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
