"""Messages of devices, read from the hub's built-in endpoint."""
