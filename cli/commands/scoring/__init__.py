"""Commands that ask a deployed place for answers."""
