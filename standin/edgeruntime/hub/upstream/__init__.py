"""The way to the cloud: one WebSocket of our own, apart from Azure's surface (docs/decisions/0003).

One file for each thing that goes over it; `links/` is the cloud's end, with the same files.
"""
