"""Places that serve a model over HTTPS, one file each; each gives a `ServedAt`."""
