"""Names what a `pulumi stack export` says was under way when an `up` died, a line each: `updating Image anomaly`."""

from __future__ import annotations

import json
import sys


def main() -> None:
    operations = json.load(sys.stdin)["deployment"].get("pending_operations") or ()
    for operation in operations:
        kind, name = operation["resource"]["urn"].split("::")[-2:]
        print(operation["type"], kind.rpartition(":")[2], name)


if __name__ == "__main__":
    main()
