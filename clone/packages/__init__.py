"""Packages that a model brings: those that train it, those of its entry script."""
