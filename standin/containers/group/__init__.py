"""Groups of containers that share one network, one address and their volumes.

An owner makes one `Groups` for its kind of group and tells it what each is to be. Each of these lines stands on those
below it:

    groups    roll-out, adoption after a restart, events, stop and removal
    prober    asks the probes of running containers
    layout    what a group consists of in Docker
    plan      what to do after a restart, pure      live    what is known of a container
    pause     the first container of each group
    spec      what a group is to be
"""
