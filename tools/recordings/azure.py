"""A stand-in of its own in this process, whose long operations take one poll and whose roles count at once."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import requests

from contracts.names import BASE_IMAGE
from standin.app import Standin, all_parts
from standin.core.auth import DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from standin.core.environment import client_environment
from standin.core.profile import FAST
from standin.foundation import lay_foundation
from tools.recordings.cassette import Answer
from tools.recordings.rewriting import Home
from tools.recordings.subject import ARM, GROUPS

_PROFILE = replace(FAST, name="recorded", operation_polls=1)
_LIMIT_S = 60
_SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
HOME = Home(subscription=SUBSCRIPTION_ID, tenant=TENANT_ID, principal=DEPLOYER_OBJECT_ID, image=BASE_IMAGE)


class Azure:
    def __init__(
        self, environment: Mapping[str, str], control: str, token: Callable[[str], str], types: frozenset[str]
    ) -> None:
        self.types = types
        """Of ARM's, in lower case: those of which the stand-in makes resources."""
        self._token = token
        self._control = control
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.proxies = {"https": environment["HTTPS_PROXY"]}
        self._session.verify = environment["REQUESTS_CA_BUNDLE"]

    def send(self, method: str, url: str, headers: Mapping[str, str], text: str, *, signed: bool = True) -> Answer:
        audience = f"https://{ARM}" if f"//{ARM}/" in url else "https://vault.azure.net"
        sign = {"Authorization": f"Bearer {self._token(audience)}"} if signed else {}
        response = self._session.request(
            method,
            url,
            data=text.encode() or None,
            headers={**headers, **sign},
            timeout=_LIMIT_S,
            allow_redirects=False,
        )
        named = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=response.status_code, headers=named, text=response.text)

    def reset(self) -> None:
        """Nothing is there, and every vault's secrets may be used: recorded vaults have access policies for that."""
        requests.post(f"{self._control}/reset", timeout=_LIMIT_S).raise_for_status()
        scope = f"https://{ARM}/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization"
        role = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/{_SECRETS_OFFICER}"
        body = {"properties": {"principalId": DEPLOYER_OBJECT_ID, "roleDefinitionId": role}}
        url = f"{scope}/roleAssignments/{uuid.uuid4()}?api-version=2022-04-01"
        granted = self.send("PUT", url, {"content-type": "application/json"}, json.dumps(body))
        if granted.status != 201:
            raise RuntimeError(f"the stand-in refuses a role: {granted.text}")


@contextmanager
def running(state: Path, port_base: int) -> Iterator[Azure]:
    """Edge devices stay off; container groups run where there is a Docker engine."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="standin", daemon=True)
    thread.start()

    async def start() -> tuple[Standin, dict[str, str], str, frozenset[str]]:
        base = lay_foundation(state, profile=_PROFILE, port_base=port_base)
        parts = all_parts(base)
        standin = Standin(base, parts)
        await standin.start(docker=False)
        types = frozenset(kind.type.lower() for part in parts for kind in part.kinds) | {GROUPS.lower()}
        control = f"http://standin:{base.issuer.control_token()}@127.0.0.1:{base.ports.plain}/_standin"
        return standin, client_environment(base.issuer, base.authority, base.ports), control, types

    async def token(standin: Standin, audience: str) -> str:
        return standin.base.issuer.issue(audience)

    standin, environment, control, types = asyncio.run_coroutine_threadsafe(start(), loop).result(_LIMIT_S)
    try:
        yield Azure(
            environment,
            control,
            lambda audience: asyncio.run_coroutine_threadsafe(token(standin, audience), loop).result(_LIMIT_S),
            types,
        )
    finally:
        asyncio.run_coroutine_threadsafe(standin.stop(), loop).result(_LIMIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_LIMIT_S)
        loop.close()
