"""Refused configurations by what they are about."""
