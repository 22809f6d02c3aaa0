"""The project's container images: a folder each, with the Dockerfile and the code that runs inside."""
