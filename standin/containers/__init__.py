"""Containers for whoever needs them: container groups and edge modules today. Knows Docker, and no Azure service."""
