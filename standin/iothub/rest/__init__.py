"""The service REST API of a hub: its paths, who may call them, and the shapes of requests and answers.

Each of these lines stands on those below it:

    api                                                 what every operation has in common
    routes                                              the table of operations
    identities, twins, methods, configurations, queries, messages
    permissions, parameters, envelope
"""
