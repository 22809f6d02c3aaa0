"""A job of GitHub Actions, which the deployer's application trusts: its OIDC tokens as GitHub makes them, and Entra's
look at one as a client assertion.

Claims and lifetime: https://docs.github.com/actions/reference/security/oidc
The grant: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#third-case-access-token-request-with-a-federated-credential
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import jwt

from standin.core.clock import Clock
from standin.core.store import Store
from standin.entra.errors import AssertionExpired, AssertionUnknown, SubjectUnknown

ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "api://AzureADTokenExchange"
SUBJECT = "repo:edgeway/edgeway:environment:dev"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = timedelta(minutes=5)
_KIND, _KEY = "directory", "job's key"


class Federation:
    """Signs with a key of its own in GitHub's place, so that nobody else's tokens are taken."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def job_token(self, audience: str, subject: str = SUBJECT) -> str:
        now = self._clock.now()
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "sub": subject,
            "jti": str(uuid.uuid4()),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        return jwt.encode(claims, self._key(), algorithm="HS256")

    def check(self, assertion: str) -> None:
        """Raises what Entra answers to an assertion that it does not take."""
        options = {"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
        try:
            claims: dict[str, Any] = jwt.decode(assertion, self._key(), algorithms=["HS256"], options=options)
        except (jwt.PyJWTError, RecursionError) as error:
            raise AssertionUnknown from error
        if claims["exp"] <= self._clock.timestamp():
            raise AssertionExpired(self._clock.now())
        if claims["iss"] != ISSUER or claims["aud"] != AUDIENCE or claims["sub"] != SUBJECT:
            raise SubjectUnknown(claims["sub"])

    def _key(self) -> bytes:
        return self._store.once(_KIND, _KEY, lambda: uuid.uuid4().hex + uuid.uuid4().hex).encode()
