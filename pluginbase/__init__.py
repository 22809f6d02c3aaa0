"""A thin base for Pulumi provider plugins: resources on plain dicts over the raw gRPC service.

A provider writes `resource.Resource` classes and calls `server.serve`. Lowest first: `proto`, `terminal`, `values`;
`engine`, `diff`, `secrets`; `resource`; `failures`; `servicer`; `server`.
"""
