"""A layer's file from a deployment manifest that a user has."""
