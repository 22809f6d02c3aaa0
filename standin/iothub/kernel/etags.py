"""If-Match, as IoT Hub's clients spell it.

azure-iot-hub quotes the etags of devices, modules and twins and sends those of configurations bare; the CLI quotes all.
https://learn.microsoft.com/rest/api/iothub/service/configuration/create-or-update
"""

from __future__ import annotations

import base64
import secrets

from standin.iothub.kernel.errors import PreconditionFailed


def check_etag(if_match: str | None, current: str) -> None:
    """Without If-Match, or with `*` in any spelling, everything goes."""
    if if_match is None:
        return
    expected = if_match.removeprefix("W/").strip('"')
    if expected not in ("*", current):
        raise PreconditionFailed(
            f"Precondition failed: Device version did not match, existingVersion:{current} newVersion:{expected}"
        )


def new_etag() -> str:
    """An identity's: base64 of digits that no two changes share."""
    return base64.b64encode(str(10**8 + secrets.randbelow(9 * 10**8)).encode()).decode()
