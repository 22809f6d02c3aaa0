"""Keeps tokens for all threads of a process: some credentials start `az` for each, which takes seconds.

https://learn.microsoft.com/python/api/azure-core/azure.core.credentials.tokencredential
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

_BEFORE_EXPIRY_SECONDS = 300
"""A call that is made with a token may take its time; azure-core's own policy renews as early."""


class CachedCredential:
    """A token for each audience and tenant, until five minutes before it expires; who asks meanwhile waits for who asks
    already."""

    def __init__(self, inner: TokenCredential) -> None:
        self._inner = inner
        self._tokens: dict[tuple[Any, ...], AccessToken] = {}
        self._locks: defaultdict[tuple[Any, ...], threading.Lock] = defaultdict(threading.Lock)
        self._lock_of_locks = threading.Lock()

    def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **more: Any,
    ) -> AccessToken:
        """A challenge (`claims`) says that the token we have does not do, so it is asked for anew."""
        key = (scopes, tenant_id, enable_cae)
        with self._lock_of_locks:
            lock = self._locks[key]
        with lock:
            token = self._tokens.get(key)
            if claims is None and token is not None and token.expires_on - time.time() > _BEFORE_EXPIRY_SECONDS:
                return token
            given = {"claims": claims, "tenant_id": tenant_id, "enable_cae": enable_cae, **more}
            token = self._inner.get_token(*scopes, **{name: value for name, value in given.items() if value})
            self._tokens[key] = token
            return token
