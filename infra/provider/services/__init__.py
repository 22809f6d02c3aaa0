"""What only the provider talks to, beside the services of `cloud`: registries, the Docker engine, a roll-out."""
