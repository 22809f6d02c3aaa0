"""AMQP 1.0, the receiving side of a connection, without a transport: frames, sessions, links, messages."""
