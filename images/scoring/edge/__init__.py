"""The edge adapter: a loop over the messages of a device, and how one becomes a request and its answer a message."""
