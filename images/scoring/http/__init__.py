"""The HTTP adapter: HTTP/1.1 on asyncio (`connection`, `request_reader`), and the contract without sockets (`app`)."""
