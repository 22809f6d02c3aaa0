"""What is deployed to an IoT Edge device: the manifest as typed data, and the layers that are made of it."""
