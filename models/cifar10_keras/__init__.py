"""Small convolutional network that tells ten kinds of pictures apart, trained in Keras (README.md beside this file)."""
