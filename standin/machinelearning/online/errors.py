"""Refusals of online endpoints, in the shape in which the service behind Azure ML tells them.

https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints
"""

from __future__ import annotations

import json
import secrets

from standin.core.errors import BadRequest, NotFound, Unauthorized


class InvalidRequest(BadRequest):
    """What of the request is wrong lies in its details, as a JSON text of the service that Azure ML asks.

    MicrosoftLearning/mslearn-azure-ml#30 shows one whole.
    """

    def __init__(self, operation: str, field: str, why: str) -> None:
        """`operation`: "CreateDeployment", "UpdateEndpoint", ..."""
        said = {
            "errors": {field: [why]},
            "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
            "title": "One or more validation errors occurred.",
            "status": 400,
            "traceId": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01",
        }
        inner = {
            "code": f"InferencingClient{operation}Failed",
            "message": f"InferencingClient HttpRequest error, error detail: {json.dumps(said, separators=(',', ':'))}",
            "details": [],
            "additionalInfo": [],
        }
        super().__init__("The request is invalid.", details={"details": [inner], "additionalInfo": []})
        self.why = why


class KeyRefused(Unauthorized):
    """The door's two refusals, as its plain text answers tell them."""

    def __init__(self, *, given: bool) -> None:
        super().__init__("key_auth_access_denied" if given else "key_auth_bad_header_forbidden")


class NoSuchEndpoint(NotFound):
    def __init__(self, host: str) -> None:
        super().__init__(f"There is no online endpoint at '{host}'.")


class NoTraffic(NotFound):
    def __init__(self) -> None:
        super().__init__("The endpoint doesn't have any valid deployment with positive weight.")


class NoSuchDeployment(NotFound):
    def __init__(self) -> None:
        super().__init__("Specified deployment could not be found")
