"""An error as IoT Hub's service API answers it.

https://learn.microsoft.com/azure/iot-hub/troubleshoot-error-codes
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

from standin.core.errors import ServiceError
from standin.core.http import Response, json_response


def envelope(problem: ServiceError) -> Response:
    """A numeric code is a direct method's: its Message is JSON in a string."""
    tracking = f"{uuid4().hex}-G:5"
    now = datetime.now(UTC)
    if problem.code.isdigit():
        message = json.dumps(
            {
                "errorCode": int(problem.code),
                "trackingId": tracking,
                "message": problem.message,
                "info": problem.details,
                "timestampUtc": now.isoformat(),
            },
            separators=(",", ":"),
        )
    else:
        message = f"ErrorCode:{problem.code};{problem.message}"
    body = {
        "Message": message,
        "ExceptionMessage": f"Tracking ID:{tracking}-TimeStamp:{now:%m/%d/%Y %H:%M:%S}",
    }
    return json_response(body, status=problem.status, headers={"iothub-errorcode": problem.code, **problem.headers})
