"""A machine's files as cloud-init's user data. It lies on the machine and in ARM's templates, so no secret is in it.

https://cloudinit.readthedocs.io/en/latest/reference/modules.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from edge.machine.files import MachineFile
from edge.machine.units import ACTIVATE

MOST_BYTES = 65_535
"""Azure's limit of customData, before it is base64."""


def cloud_init(files: Sequence[MachineFile]) -> str:
    """JSON, which is YAML: the same bytes of whatever version of a library, as another byte is another machine.

    Packages are no business of cloud-init: it installs all in one transaction, and once.
    """
    document = {
        "write_files": [
            {"path": file.path, "permissions": f"{file.mode:04o}", "content": file.content} for file in files
        ],
        "runcmd": [
            # without it a line that fails is passed over, and cloud-init says that all is done
            "set -e",
            *ACTIVATE,
            "systemctl start edgeway-provision.service",
        ],
    }
    return f"#cloud-config\n{json.dumps(document, indent=1)}\n"
