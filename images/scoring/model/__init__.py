"""The entry script: loading it, and the form in which its `run` is called."""
