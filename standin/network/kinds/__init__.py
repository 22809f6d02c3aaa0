"""One file a type, over what all of them share."""
