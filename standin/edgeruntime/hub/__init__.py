"""The edge hub of a virtual device: what the modules of a device meet instead of the cloud, also while that is away.

It runs in a container of its own and imports nothing else of the stand-in.

Each of these lines stands on those below it:

    composition                     every part made once, and given what it uses
    edge_hub                        one hub's life, from start to drain
    health, housekeeping
    mqtt, upstream, workload        modules by MQTT; the cloud; modules by the workload API
    certificate, http, settings
    domain                          what the hub does, whatever its modules and its cloud speak

Another protocol for modules is a folder beside `mqtt`, over `domain/port.py`, and one more in `composition.py`.
https://github.com/Azure/iotedge/blob/main/doc/edgehub-api.md
"""
