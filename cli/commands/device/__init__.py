"""`edgeway device`: what a real device needs to join, and what each device really runs."""

from __future__ import annotations

from pathlib import Path

from cli.arguments import Commands, add_stack
from cli.commands.device import config as device_config
from cli.commands.device import status as device_status


def add(commands: Commands) -> None:
    device = commands.add_parser("device", help="configure a real device, or see what devices run")
    actions = device.add_subparsers(dest="action", required=True, metavar="ACTION")

    config = actions.add_parser(
        "config",
        help="write config.toml and the key for a device with aziot-edge",
        description="Writes DIR/config.toml and DIR/device.key (mode 0600). The key is never printed.",
    )
    add_stack(config)
    config.add_argument("id", metavar="ID")
    config.add_argument("--out", type=Path, required=True, metavar="DIR")
    config.set_defaults(run=device_config.run)

    status = actions.add_parser(
        "status",
        help="what each device runs, and whether that is what it should run",
        description="Per device and module: deployment applied, version seen, code 200, running with the wanted image. "
        "Exits with 1 when one of them does not hold.",
    )
    add_stack(status)
    status.add_argument("id", nargs="?", metavar="ID", help="all devices of the stack by default")
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=device_status.run)
