"""Microsoft Entra ID: the sign-in of a service principal at login.microsoftonline.com, as MSAL goes about it; and the
job of GitHub Actions that is trusted there."""

from __future__ import annotations

from standin.core.auth import TokenIssuer
from standin.core.clock import Clock
from standin.core.directory import Directory
from standin.core.part import Part
from standin.core.store import Store
from standin.entra.handlers import SignInHandlers
from standin.entra.routes import control_routes, routes
from standin.entra.service import EntraService
from standin.entra.state import Federation

__all__ = ["part"]


def part(issuer: TokenIssuer, store: Store, clock: Clock, directory: Directory) -> Part:
    handlers = SignInHandlers(issuer, directory, Federation(store, clock))
    return Part(name="entra", service=EntraService(routes(handlers), clock), control_routes=control_routes(handlers))
