"""The agent of a virtual device: it makes the device's containers what `$edgeAgent`'s desired properties say.

https://learn.microsoft.com/azure/iot-edge/iot-edge-runtime#iot-edge-agent
"""
