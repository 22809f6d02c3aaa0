"""Image of the sensor module; its code is edge/modules/sensor/."""
