"""Who may do what on an account: SharedKey, shared access signatures, and Entra tokens with a data role.

https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
https://learn.microsoft.com/rest/api/storageservices/create-service-sas
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from standin.blob.accounts import keys_of
from standin.blob.errors import (
    AuthenticationFailed,
    InvalidAuthentication,
    KeysNotPermitted,
    NoAuthentication,
    NotPermitted,
)
from standin.core.arm import Resource
from standin.core.auth import TENANT_ID, Roles
from standin.core.clock import Clock
from standin.core.http import Request
from standin.core.store import Store

_WRITERS = ("Storage Blob Data Contributor", "Storage Blob Data Owner")
_READERS = ("Storage Blob Data Reader", *_WRITERS)
_SIGNED_HEADERS = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)
_DELEGATED = ("skoid", "sktid", "skt", "ske", "sks", "skv")
_DELEGATED_VERSION = "2020-12-06"
_SIGNER = "00000000-0000-0000-0000-000000000001"
_SAS_FIELDS = ("spr", "sv", "sr", "snapshot", "ses", "rscc", "rscd", "rsce", "rscl", "rsct")


class Delegation:
    """Signatures that hold where an account takes no keys: those that Azure's own services hand out.

    https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
    Only the stand-in makes them (Get User Delegation Key is not built), so nobody else has a key to make one with.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def query(self, account: str, path: str, permissions: str, lives: timedelta) -> str:
        """What opens `path` of an account: a container, or "container/blob"."""
        now = self._clock.now()
        begins, ends = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (now - timedelta(minutes=5), now + lives))
        said = {
            "sv": _DELEGATED_VERSION, "sr": "b" if "/" in path else "c", "sp": permissions, "st": begins, "se": ends,
            "spr": "https", "skoid": _SIGNER, "sktid": TENANT_ID, "skt": begins, "ske": ends, "sks": "b",
            "skv": _DELEGATED_VERSION,
        }  # fmt: skip
        return urlencode({**said, "sig": self.signature(account, path, said)})

    def signature(self, account: str, signed_path: str, query: Mapping[str, str]) -> str:
        fields = [*(query.get(name, "") for name in ("sp", "st", "se")), f"/blob/{account}/{signed_path}"]
        fields += [query.get(name, "") for name in (*_DELEGATED, "saoid", "suoid", "scid", "sip", *_SAS_FIELDS)]
        return sign(self._key(), "\n".join(fields))

    def _key(self) -> str:
        return self._store.once("blob delegation", "key", lambda: base64.b64encode(secrets.token_bytes(32)).decode())


class Access:
    def __init__(self, roles: Roles, clock: Clock, delegation: Delegation) -> None:
        self._roles = roles
        self._clock = clock
        self._delegation = delegation

    def check(self, account: Resource, request: Request, path: str) -> None:
        """Raises unless the request may do so to `path` ("container/blob") of the account."""
        write = request.method in ("PUT", "POST", "DELETE")
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if "sig" in request.query:
            self._check_sas(account, request, path)
        elif scheme.lower() == "sharedkey":
            _check_keys_allowed(account)
            _check_shared_key(account, request, value)
        elif scheme.lower() == "bearer":
            self._check_bearer(account, request, write=write)
        else:
            raise NoAuthentication(TENANT_ID)

    def _check_sas(self, account: Resource, request: Request, path: str) -> None:
        query = request.query
        container = path.partition("/")[0]
        signed_path = {"c": container, "b": path}.get(query.get("sr", ""))
        if signed_path is None:
            raise AuthenticationFailed("Only service signatures of a container (sr=c) or a blob (sr=b) are supported.")
        if all(name in query for name in _DELEGATED):
            expected = self._delegation.signature(account.name, signed_path, query)
            valid = hmac.compare_digest(expected.encode(), query["sig"].encode())
        else:
            _check_keys_allowed(account)
            valid = _signed(account, _sas_text(account, signed_path, query), query["sig"])
        if not valid:
            raise AuthenticationFailed("Signature did not match.")
        _check_time_and_permission(request, path, self._clock.now())

    def _check_bearer(self, account: Resource, request: Request, *, write: bool) -> None:
        principal = request.principal
        audiences = ("https://storage.azure.com", f"https://{account.name}.blob.core.windows.net")
        if principal is None or principal.audience not in audiences:
            raise InvalidAuthentication
        if not self._roles.allows(principal.object_id, account.id, _WRITERS if write else _READERS):
            raise NotPermitted


def _check_keys_allowed(account: Resource) -> None:
    if account.properties.get("allowSharedKeyAccess") is False:
        raise KeysNotPermitted


def _check_shared_key(account: Resource, request: Request, value: str) -> None:
    name, _, signature = value.partition(":")
    if name != account.name or not _signed(account, string_to_sign(account.name, request), signature):
        raise AuthenticationFailed("The signature of the SharedKey authorization does not match.")


def string_to_sign(account: str, request: Request) -> str:
    values = [request.headers.get(name, "") for name in _SIGNED_HEADERS]
    length = _SIGNED_HEADERS.index("content-length")
    if values[length] == "0":
        values[length] = ""
    own = sorted(name for name in request.headers if name.startswith("x-ms-"))
    headers = [f"{name}:{request.headers[name].strip()}" for name in own]
    query: dict[str, list[str]] = {}
    for name, text in parse_qsl(request.raw_query, keep_blank_values=True):
        query.setdefault(name.lower(), []).append(text)
    resource = f"/{account}{request.raw_path}"
    resource += "".join(f"\n{name}:{','.join(sorted(query[name]))}" for name in sorted(query))
    return "\n".join([request.method, *values, *headers, resource])


def _sas_text(account: Resource, signed_path: str, query: Mapping[str, str]) -> str:
    parts = [query.get(name, "") for name in ("sp", "st", "se")]
    parts += [f"/blob/{account.name}/{signed_path}", query.get("si", ""), query.get("sip", "")]
    return "\n".join([*parts, *(query.get(name, "") for name in _SAS_FIELDS)])


def _check_time_and_permission(request: Request, path: str, now: datetime) -> None:
    query = request.query
    if not query.get("se"):
        raise AuthenticationFailed("se is mandatory: a stored access policy, which could give it, is not built.")
    for name, late in (("st", False), ("se", True)):
        if query.get(name) and (_moment(query[name]) < now) is late:
            raise AuthenticationFailed("Signature not valid in the specified time frame.")
    if not any(permission in query.get("sp", "") for permission in _needed(request, path)):
        raise NotPermitted


def _needed(request: Request, path: str) -> str:
    """One of these letters; none where no signature of a service is enough.

    https://learn.microsoft.com/rest/api/storageservices/create-service-sas#permissions-for-a-directory-container-or-blob
    Of a container it opens what lies in it, and no copy brings there what it does not open.
    """
    comp = request.query.get("comp", "").lower()
    if "/" not in path:
        return "l" if (request.method, comp) == ("GET", "list") else ""
    if comp == "tags":
        return "t"
    if "x-ms-copy-source" in request.headers:
        return ""
    return {"PUT": "wc" if not comp or comp.startswith("block") else "w", "DELETE": "d"}.get(request.method, "r")


def may_overwrite(request: Request) -> bool:
    """A signature that lets create alone makes what is not there."""
    return "sig" not in request.query or "w" in request.query.get("sp", "")


def _moment(text: str) -> datetime:
    """A SAS time may be a date alone, which is midnight UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise AuthenticationFailed(f"'{text}' is not an ISO 8601 time.") from error


def _signed(account: Resource, text: str, signature: str) -> bool:
    given = signature.encode()
    return any(hmac.compare_digest(sign(key, text).encode(), given) for key in keys_of(account))


def sign(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()).decode()
