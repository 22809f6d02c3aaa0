"""The edge hub of a virtual device: an MQTT 3.1.1 broker that knows IoT Hub's topics, routes, twins and methods.

It runs in a container of its own and imports nothing of the stand-in.
https://github.com/Azure/iotedge/blob/main/doc/edgehub-api.md
"""
