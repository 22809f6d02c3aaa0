"""Module twins: `own_twin` is the hub's own among the `twins`, and `merge` has their patches."""
