"""The cloud's end of a device's WebSocket: one file for each thing that goes over it, one `Link` for each device.

The frames are in `hub/upstream/frames.py`; `hub/upstream/` is the device's end, with the same files.
"""
