"""Virtual machines that are IoT Edge devices, and the network that they stand in."""
