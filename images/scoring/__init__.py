"""The scoring server: one image that serves a model over HTTP(S) and, on an IoT Edge device, over messages.

Each folder imports only those below it:

    process     reads the environment, opens sockets, forks workers, ends them in order
    http, edge  two adapters around the same service: HTTP/1.1 and Azure ML's routes; the messages of a device
    service     one loaded model: scores a request in time, on the event loop, in a batch or in a thread
    model       the entry script: loads it, and finds the form in which its `run` is called
    bodies      the forms in which a request's body travels
    errors, request, metrics
"""
