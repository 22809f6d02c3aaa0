"""Device and module twins."""
