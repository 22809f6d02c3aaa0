"""What a hub does, whatever its modules and its cloud speak: identities, messages, routes, queues, twins, methods."""
