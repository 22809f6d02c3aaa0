"""Looks through a camera, has a detector of the device look at what it sees, sends on what was found, and shows it."""
