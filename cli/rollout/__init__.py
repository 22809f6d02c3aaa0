"""Has a roll-out come true? Which devices the stack's layers mean, how each stands, and what is waited for."""

DEFAULT_SECONDS = 600.0
"""Azure looks about every 5 minutes which devices a deployment means, and a device pulls its images after that."""
