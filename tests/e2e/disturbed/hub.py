"""Prints what a hub holds, a line each: `python -m tests.e2e.disturbed.hub HOST`, in the stack's environment."""

from __future__ import annotations

import sys

from tests.e2e.stack.hub_clients import configurations_of, registry_of


def main(host: str) -> None:
    for device in registry_of(host).get_devices(100):
        print("identity", device.device_id)
    for one in configurations_of(host).get_configurations(100):
        print("configuration", one.id)


if __name__ == "__main__":
    main(*sys.argv[1:])
