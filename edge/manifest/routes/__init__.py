"""Routes between modules: written, read, and their conditions checked."""
