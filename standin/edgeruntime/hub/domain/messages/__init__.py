"""Messages of modules, and the text form of their properties."""
