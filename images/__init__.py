"""The project's container images: a folder each, with its Dockerfile and the code that runs inside.

Folders without a Dockerfile are what several images have in them: `edge_hub` (the client of a module) and
`daemon_thread`. What goes into which image: `SOURCES` beside `build_context`.
"""
