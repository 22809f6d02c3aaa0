"""Device-to-cloud messages and their partitioned log."""
