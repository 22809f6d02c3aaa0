"""Runs the program without an engine and without Azure: what it would register, or why it refuses."""
