"""Groups of containers that share one network, one address and their volumes."""
