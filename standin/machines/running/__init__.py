"""Machines in Docker. Each of these lines stands on those below it:

docker_machines
commands              image     the disk image, made by build.sh
seed, layout, doors   what is put into a machine; its two containers; its sockets to the stand-in
"""
