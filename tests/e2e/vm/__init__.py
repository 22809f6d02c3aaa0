"""Virtual machines that really boot, and what goes wrong around one (make test-vm)."""
