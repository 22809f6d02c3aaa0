"""`createOptions`: a JSON text cut into pieces, and the types that the agent reads it by."""

from __future__ import annotations

from standin.edgeruntime.agent.create_options.chunks import NAME, split_chunks
from standin.edgeruntime.agent.create_options.reading import read_create_options

__all__ = ["NAME", "read_create_options", "split_chunks"]
