"""The key that a caller must carry; never logged."""

from __future__ import annotations

import hmac

from images.scoring.errors import Unauthorized

_SCHEME = b"bearer "


class Key:
    """What `Authorization: Bearer <key>` must carry."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def check(self, authorization: bytes | None) -> None:
        """Raises Unauthorized."""
        if authorization is None:
            raise Unauthorized("header Authorization is missing, must be 'Bearer <key>'")
        given = authorization[len(_SCHEME) :] if authorization[: len(_SCHEME)].lower() == _SCHEME else b""
        # constant time: how long a refusal takes must not tell how much of the key was right
        if not hmac.compare_digest(given, self._key):
            raise Unauthorized("header Authorization does not carry the key of this service")
