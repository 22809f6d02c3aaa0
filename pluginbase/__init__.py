"""A thin base for Pulumi provider plugins: resources on plain dicts over the raw gRPC service."""
