"""Decision tree that finds anomalies in the telemetry of a machine (README.md beside this file)."""
