"""From a frame to the hub: the camera's module, people_detection and the edge hub, as processes on one core."""
