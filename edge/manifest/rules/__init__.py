"""What IoT Hub or a device refuses in a deployment's content: `validate`, and the rules of each twin under it."""
