"""The way to the cloud: one WebSocket of our own, apart from Azure's surface (docs/decisions/0003).

One file for each thing that goes over it; `edgeruntime/links/` is the cloud's end, with the same files. Each of these
lines stands on those below it:

    cloud                                           which frame is whose affair
    messages, methods, presence, state, twins       what goes over it: an `Operation` each
    link, operation                                 the connection; what an operation says and hears
    frames                                          how it is written
"""
