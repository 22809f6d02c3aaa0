"""Messages of modules: `reader` makes a `message` of a `property_bag` and a body."""
