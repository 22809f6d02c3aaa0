"""AMQP 1.0, the receiving side of a connection, without a transport: frames, sessions, links, messages.

Each of these lines stands on those below it:

    serving                                     a connection on a stream of bytes
    connection                                  bytes in, bytes out
    session
    container                                   what a connection attaches its peer to: to be implemented
    links
    messages, performatives, received, frames
    encode, decode
    types, errors
"""
