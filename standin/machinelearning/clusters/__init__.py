"""The machines of compute clusters: their states, sizes and quotas. It knows no requests."""
