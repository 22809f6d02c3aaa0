"""Microsoft Entra ID: the sign-in of a service principal at login.microsoftonline.com, as MSAL goes about it."""

from __future__ import annotations

from standin.core.auth import TokenIssuer
from standin.core.clock import Clock
from standin.core.directory import Directory
from standin.core.part import Part
from standin.entra.handlers import SignInHandlers
from standin.entra.routes import control_routes, routes
from standin.entra.service import EntraService

__all__ = ["part"]


def part(issuer: TokenIssuer, clock: Clock, directory: Directory) -> Part:
    handlers = SignInHandlers(issuer, directory)
    return Part(name="entra", service=EntraService(routes(handlers), clock), control_routes=control_routes(handlers))
