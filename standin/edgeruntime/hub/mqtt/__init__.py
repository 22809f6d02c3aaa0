"""MQTT 3.1.1 as IoT Hub's clients speak it: one of the protocols that modules may reach the hub's port by.

http://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html
https://github.com/Azure/iotedge/blob/main/doc/edgehub-api.md#mqtt
"""
