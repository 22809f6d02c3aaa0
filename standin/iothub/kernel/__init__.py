"""What every domain of a hub stands on: its documents, all-or-nothing changes, refusals, and signed tokens."""
