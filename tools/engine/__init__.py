"""Runs Pulumi's engine for the scripts: its own live tree on a terminal, one line an event anywhere else."""
