"""A hub's Event Hub-compatible endpoint: what is Event Hubs' own above AMQP. Tokens, readers, runtime information."""
