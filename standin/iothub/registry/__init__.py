"""Device and module identities."""
