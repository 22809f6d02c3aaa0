"""Entry scripts as Azure ML's users write them, run unmodified under both servers."""
