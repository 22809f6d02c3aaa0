"""A deployed scoring service, as its user reaches it, and the golden examples that it is checked by."""
