"""What can be wrong with `$edgeHub`'s desired properties.

ConfigurationError (400) > RouteError, SchemaError (412)
"""

from __future__ import annotations


class ConfigurationError(ValueError):
    """The desired properties of `$edgeHub` are refused; the message says which and why."""

    code = 400


class RouteError(ConfigurationError):
    """A route does not compile."""


class SchemaError(ConfigurationError):
    """An unknown schemaVersion."""

    code = 412
