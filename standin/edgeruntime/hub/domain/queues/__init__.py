"""Stored messages in order. Each of these lines stands on those below it:

queues              all of a hub's
inbox, upstream     what waits for a module; what waits for the cloud
queue, heads        order, bounds and expiry; the text beside a stored body
"""
