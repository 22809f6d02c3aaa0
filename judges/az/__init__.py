"""The Azure CLI's operations. `running` runs in the CLI's own Python, and in one process: it is slow to start."""
