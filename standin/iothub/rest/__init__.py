"""The service REST API of a hub: its paths, who may call them, and the shapes of requests and answers."""
