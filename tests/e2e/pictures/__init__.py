"""The models that see, at their full size, on a local stack of their own (make test-pictures)."""
