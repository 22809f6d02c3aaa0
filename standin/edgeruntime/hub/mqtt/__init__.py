"""MQTT 3.1.1 as IoT Hub's clients speak it. http://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html"""
