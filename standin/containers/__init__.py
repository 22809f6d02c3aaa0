"""Containers for whoever needs them: container groups and edge modules today. Knows Docker, and no Azure service.

Each of these lines stands on those below it:

    group/           containers that share one network, one address and their volumes
    engine, images   what Docker does: containers, networks, volumes; pulls and builds
    docker_host      the one connection, its threads and its labels
    events           the one thread that listens to Docker
    errors           http_client   one GET      probes   what a row of results means      addresses   of loopback
"""
