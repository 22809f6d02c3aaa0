"""What the parts agree on: the artifact and its card, the data and artifact stores, names. Standard library only."""
