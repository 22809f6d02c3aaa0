"""Forms that several rules ask for, as regular expressions for a whole value."""

from __future__ import annotations

GUID = r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"
SHA256 = r"[0-9a-f]{64}"
HUB_HOST = r"[a-z0-9-]{3,50}\.azure-devices\.net"
