"""Edge modules. A handler is message in, messages out; only `__main__` holds client, loop and SIGTERM."""
