"""`python -m tests.images.scoring.official.record`: asks Azure ML's own server everything, and writes what it said."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.images.scoring.official.recorded import KINDS, cases, unusual, write
from tests.images.scoring.official.servers import Server


def main() -> None:
    server = Server("official")
    try:
        for kind in KINDS:
            with tempfile.TemporaryDirectory() as folder:
                write(kind, {case.name: unusual(server.said(case, Path(folder))) for case in cases(kind)})
    finally:
        server.close()


if __name__ == "__main__":
    main()
