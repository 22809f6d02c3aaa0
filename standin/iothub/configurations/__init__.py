"""Automatic deployments: configurations, target conditions, the layered merge."""
