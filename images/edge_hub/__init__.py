"""The edge hub as the project's module images see it: `messages` are the values, `client` is Microsoft's SDK.

A module's own code takes a protocol of the methods that it calls, and `images.edge_hub.messages`; only its `__main__`
imports `images.edge_hub.client`, so that tests and places without a hub do not load the SDK.
"""
