"""What runs on, or is deployed to, an IoT Edge device: the manifest as typed data, and the project's own modules."""
