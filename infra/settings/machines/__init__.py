"""Machines that a stack asks Azure for by their sizes: clusters to train on, Kubernetes, where models serve, hosts."""
