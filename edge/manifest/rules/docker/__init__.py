"""createOptions held to Docker's own types, by path: what the agent or Docker would refuse on the device, and what
both would pass over in silence, as it stands where Docker knows no such member."""

from __future__ import annotations

from edge.manifest.rules.docker.container import create_options_problems

__all__ = ["create_options_problems"]
