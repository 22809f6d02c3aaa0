"""docs/azure.md as a script: what it says is run against the stand-in."""
