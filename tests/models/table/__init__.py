"""The base of table models."""
