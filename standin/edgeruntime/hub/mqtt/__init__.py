"""MQTT 3.1.1 as IoT Hub's clients speak it, over the hub's port. Each of these lines stands on those below it:

    server                                          the listening socket, and the open connections
    handshake                                       from CONNECT to a session, or to a refusal
    session                                         a connected client: what its packets do, what it is sent
    connection, acknowledgements, subscriptions
    codec, topics

http://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html
https://github.com/Azure/iotedge/blob/main/doc/edgehub-api.md#mqtt
"""
