"""Microsoft Graph, as far as the Azure CLI asks it: who is signed in, and what a principal is called."""

from __future__ import annotations

from standin.core.arm import Arm
from standin.core.directory import Directory
from standin.core.part import Part
from standin.graph.handlers import DirectoryHandlers
from standin.graph.routes import routes
from standin.graph.service import GraphService

__all__ = ["part"]


def part(arm: Arm, directory: Directory) -> Part:
    return Part(name="graph", service=GraphService(routes(DirectoryHandlers(arm, directory))))
