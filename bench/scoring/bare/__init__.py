"""The same model without a server's features: what they cost is the difference."""
