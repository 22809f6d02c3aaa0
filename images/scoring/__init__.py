"""The scoring server: one image that serves a model over HTTP(S) and, on an IoT Edge device, over messages.

`settings` reads the environment; `worker` wires one process; `server` and `protocol` hold sockets; `app` is the route
table; `service` decides, and knows neither HTTP nor messages; `module` is the message loop; `entry` loads the script.
"""
