"""What a hub does, whatever its modules and its cloud speak. Each of these lines stands on those below it:

module_side, cloud_side     the hub as a protocol for modules meets it, and as the cloud does
methods                     direct methods, asked and answered
connected                   which modules are connected
port                        what a protocol for modules and the hub ask of each other
twins                       twins of modules, and the hub's own
router                      from a message to the queues of its sinks
queues                      stored messages in order
routing, identities         which way a message goes; who is on this device
messages                    messages, and the text form of their properties
store, metrics
"""
