"""The way to the cloud: one WebSocket of our own, apart from Azure's surface (docs/decisions/0003)."""
