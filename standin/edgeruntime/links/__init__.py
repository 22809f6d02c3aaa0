"""The cloud's end of a device's WebSocket. Each of these lines stands on those below it:

    links                                           which devices are connected, and who may be
    link                                            one device's: its life, and which frame is whose affair
    messages, methods, presence, state, twins       one file for each thing that goes over it
    appended                                        what all links share

`hub/upstream/` is the device's end, with the same files; which frames there are is said there.
"""
