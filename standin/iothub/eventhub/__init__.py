"""A hub's Event Hub-compatible endpoint: what is Event Hubs' own above AMQP. Tokens, readers, runtime information.

Each of these lines stands on those below it:

    endpoint                        what all clients share
    client                          one connection, and the tokens it has put
    readers, management, grants     attaching to a partition, `$management`, `$cbs`
    addresses
    errors, selector, annotated     refusals, start positions, what a message says of its sender
"""
