"""`python -m tests.images.scoring.attacks.live PORT SECONDS`: how /live did, in a process that nothing else keeps busy.

Prints a JSON object: `seconds` that each answer took, and `failures`.
"""

from __future__ import annotations

import http.client
import json
import sys
import time


def ask(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/live")
        status = connection.getresponse().status
        if status != 200:
            raise OSError(f"it answered {status}")
    finally:
        connection.close()


def main(port: int, seconds: float) -> None:
    took, failures, until = list[float](), list[str](), time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            ask(port)
        except OSError as error:
            failures.append(str(error))
        took.append(time.perf_counter() - began)
        time.sleep(0.05)
    print(json.dumps({"seconds": took, "failures": failures}))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
