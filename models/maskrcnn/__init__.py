"""Mask R-CNN, which finds things of 80 kinds in a picture, with boxes and outlines (README.md beside this file)."""
