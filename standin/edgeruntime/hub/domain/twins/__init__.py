"""Module twins, and the own one of the hub."""
