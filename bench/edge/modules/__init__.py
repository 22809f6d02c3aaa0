"""The modules of the bench, a process each. Two kinds of client speak for them: paho-mqtt, and azure-iot-device.

`paced` says when a message is due; what a module is told comes on its stdin (`bench/edge/orders.py`).
"""
