"""The module that looks through a camera, in process: sources by OpenCV, a detector of the test's own, the viewer."""
