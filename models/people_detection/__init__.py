"""Where people are in a picture: a detector of its own, or an export of Custom Vision."""
