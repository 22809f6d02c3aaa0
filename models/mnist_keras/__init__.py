"""Convolutional network that reads handwritten digits, trained in Keras (README.md beside this file)."""
