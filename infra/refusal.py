"""What the program cannot go on with: found before any resource exists, told without a traceback.

Refusal
├── SettingsError     the stack's configuration           infra.settings.load
├── InputsError       training data or code is missing    infra.inputs
└── ContextError      an image cannot be assembled        infra.context
"""

from __future__ import annotations


class Refusal(Exception):
    """Its text names the thing, the value received and what is allowed."""
