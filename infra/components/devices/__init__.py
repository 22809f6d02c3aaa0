"""Devices of the hub and what is deployed to them: the base, the layers, and the images that are made for them."""
