"""`make bench-edge`: the edge hub of the stand-in beside an MQTT broker that is not ours (README.md)."""
