"""The sockets and what speaks on them: listeners, the ASGI application, WebSockets, the CONNECT proxy."""
