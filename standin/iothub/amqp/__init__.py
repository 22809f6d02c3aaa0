"""AMQP 1.0 as far as an Event Hub-compatible endpoint needs it."""
