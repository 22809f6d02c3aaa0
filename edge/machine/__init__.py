"""A machine that becomes an IoT Edge device without a person: what lies on it, as files, and as cloud-init has them.

    cloud_init       a machine's files as user data
    files            the files, of a virtual machine of the stack and of a machine of one's own alike
    edge_config      config.toml
    surroundings     where packages, identity and vault are
    units, pins      systemd's units; every version
    own              what a machine of one's own gets beside the files
    commands, report what is asked of a machine that runs, and what it answers
    provision        the program that runs there; nobody imports it

Nothing is imported here: a stack without such a machine asks for `pins` alone.
"""
