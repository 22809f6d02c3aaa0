"""Stored messages in order, for modules and for the cloud."""
