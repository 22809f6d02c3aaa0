"""A machine that becomes an IoT Edge device without a person: what lies on it, as files, and as cloud-init has them.

`provision` is the program that runs there. The rest is pure: from typed values to text, for a virtual machine of the
stack and for a machine of one's own alike.
"""

from __future__ import annotations

from edge.machine.cloud_init import MOST_BYTES, cloud_init
from edge.machine.edge_config import EDGE_CA_DAYS, EdgeConfig, config_toml
from edge.machine.files import KeyFile, Machine, MachineFile, VaultSecret, machine_files
from edge.machine.pins import AGENT_IMAGE, AGENT_REPOSITORY, EDGE_VERSION, MOBY_VERSIONS, RUNTIMES, Ubuntu
from edge.machine.surroundings import Surroundings

__all__ = [
    "AGENT_IMAGE",
    "AGENT_REPOSITORY",
    "EDGE_CA_DAYS",
    "EDGE_VERSION",
    "MOBY_VERSIONS",
    "MOST_BYTES",
    "RUNTIMES",
    "EdgeConfig",
    "KeyFile",
    "Machine",
    "MachineFile",
    "Surroundings",
    "Ubuntu",
    "VaultSecret",
    "cloud_init",
    "config_toml",
    "machine_files",
]
