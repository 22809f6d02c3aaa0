"""Containers that run once, to their end: files go in before, output comes out meanwhile, files are fetched after.

Each of these lines stands on those below it:

    runs      one container and its network: made, started, looked at, ended, removed
    output    what a container writes, as it writes it
    spec      what is to run
"""
