"""A hub's end towards its devices: what they are told, and the methods they answer."""
