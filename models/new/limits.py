"""What a process may use that looks at an untrusted file. Set by the process itself, before it opens the file.

No sandbox: it keeps a broken or hostile graph from filling the machine. Code in a pickle has the user's rights, which
is why a pickle is opened by --trust only.
"""

from __future__ import annotations

import os
import resource

VARIABLE = "EDGEWAY_MEMORY_LIMIT_BYTES"
MOST_FILE_BYTES = 2 * 1024**3


def apply() -> None:
    """Address space by the environment variable, where it is set; files of 2 GiB at the most; no core dump."""
    if limit := os.environ.get(VARIABLE):
        resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
