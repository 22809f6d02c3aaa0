"""A sender for any model: plays rows that the image carries, each a message, at a rate, once or in a loop."""
