"""The provider plugin `mledge`: what ARM cannot do.

types/      the resource types, one file each
local/      what is done on this machine: training, and the way back to an artifact
services/   what only the provider talks to: container and model registries, the Docker engine
inputs, wait, progress, gone, full_disk    what the types and those two share

Each imports only those below it, and `cloud`, `clone`, `contracts`, `edge.manifest` and `pluginbase`. Azure's SDKs are
imported inside functions: the plugin starts with every `pulumi` command, and most use none of them.
"""
