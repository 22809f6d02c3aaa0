"""Containers for whoever needs them: groups, edge modules and training jobs today. Knows Docker, and no Azure service.

Each of these lines stands on those below it:

    group/           containers that share one network, one address and their volumes
    job/             containers that run once, to their end
    engine, images   what Docker does: containers, networks, volumes; pulls and builds
    docker_host      the one connection, its threads and its labels
    events           the one thread that listens to Docker
    errors           http_client   one GET      probes   what a row of results means      addresses   of loopback
"""
