"""Target conditions of deployments: which devices one is for."""
