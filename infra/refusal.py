"""What the program cannot go on with: found before any resource exists, told without a traceback.

Refusal
└── SettingsError     the stack's configuration           infra.settings.load

What the clone lacks is a `clone.errors.CloneError`.
"""

from __future__ import annotations


class Refusal(Exception):
    """Its text names the thing, the value received and what is allowed."""
