"""A virtual machine that is a device: the vault that has its key, and commands that Azure runs in it."""
