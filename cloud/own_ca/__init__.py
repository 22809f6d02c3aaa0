"""Places that serve HTTPS with a certificate of the stack's own CA."""
