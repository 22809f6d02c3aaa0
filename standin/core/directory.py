"""Who there is beside the deployer: principals that a test registers, as somebody would in Entra ID.

What Microsoft Graph does to make them (applications, service principals, users, groups) is not served; `standin/graph`
shows them.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import Literal

from standin.core.auth import DEPLOYER_CLIENT_ID, DEPLOYER_OBJECT_ID, TokenIssuer
from standin.core.store import Store

_KIND = "principal"
_NAMESPACE = uuid.UUID("5f6c2c0e-2a55-4b2f-9a5e-edee0a1a0002")

Kind = Literal["ServicePrincipal", "User"]
KINDS: tuple[Kind, ...] = ("ServicePrincipal", "User")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    name: str
    kind: Kind
    """A user signs in with a client's secret too: nobody is there to type a password into a browser."""
    object_id: str
    client_id: str
    client_secret: str


class Directory:
    def __init__(self, store: Store, issuer: TokenIssuer) -> None:
        self._store = store
        self._issuer = issuer

    def register(self, name: str, kind: Kind) -> Registered:
        """The same again for the same name and kind."""
        key = str(uuid.uuid5(_NAMESPACE, f"{kind} {name}"))
        saved = self._store.get(_KIND, key)
        if saved is not None:
            return Registered(**saved)
        made = Registered(
            name=name,
            kind=kind,
            object_id=key,
            client_id=str(uuid.uuid5(_NAMESPACE, f"client of {kind} {name}")),
            client_secret=uuid.uuid4().hex + uuid.uuid4().hex,
        )
        self._store.put(_KIND, key, asdict(made))
        return made

    def of_client(self, client_id: str) -> Registered | None:
        return next((one for one in self.all() if one.client_id == client_id.lower()), None)

    def of_object(self, object_id: str) -> Registered | None:
        return next((one for one in self.all() if one.object_id == object_id.lower()), None)

    def all(self) -> list[Registered]:
        deployer = Registered(
            name="deployer",
            kind="ServicePrincipal",
            object_id=DEPLOYER_OBJECT_ID,
            client_id=DEPLOYER_CLIENT_ID,
            client_secret=self._issuer.client_secret(),
        )
        return [deployer, *(Registered(**saved) for _, saved in self._store.list(_KIND))]
