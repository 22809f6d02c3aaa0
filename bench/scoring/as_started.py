"""`python -m images.scoring` for tests and benchmarks that root runs outside a container: it stays root.

The user that it would become cannot read what lies in root's folders, the interpreter and the artifact of a test.
That it becomes that user is shown in containers (tests/images/test_privileges.py).
"""

from __future__ import annotations

import logging
import os
import sys

from images.scoring import __main__ as scoring


def stay() -> None:
    return


if __name__ == "__main__":
    vars(scoring)["drop_root"] = stay
    code = scoring.main(sys.argv[1:])
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)
