"""The way to the cloud: one WebSocket of our own, apart from Azure's surface (docs/decisions/0003).

One file for each thing that goes over it; `edgeruntime/links/` is the cloud's end, with the same files. Each of these
lines stands on those below it:

    cloud                                       which frame is whose affair
    messages, methods, presence, twins, link    what goes over it; the connection
    frames                                      what is said, and how it is written
"""
