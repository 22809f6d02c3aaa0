"""`edgeway device config`: what makes a machine of one's own a device of the stack, with the key in a file of its own.

https://learn.microsoft.com/azure/iot-edge/configure-device
"""

from __future__ import annotations

import argparse
import base64
import binascii
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cli.arguments import add_stack
from cli.command import Command
from cli.errors import Failed, Refused
from cli.stack.environment import enter
from cli.stack.file import stack_config
from cli.stack.outputs import Outputs, outputs

if TYPE_CHECKING:  # HTTP, which most commands do without
    from cloud.iot_hub import DeviceKeys, IotHub

_UBUNTUS = ("22.04", "24.04")


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--hostname", type=_hostname, metavar="NAME", help="of the machine (default what the machine is called)"
    )
    parser.add_argument(
        "--edge-ca-days", type=_days, metavar="N", help="life of the CA that the device makes for its modules (a year)"
    )
    parser.add_argument("--ubuntu", choices=_UBUNTUS, default=_UBUNTUS[-1], help="of the machine (default %(default)s)")
    parser.add_argument(
        "--new-key", action="store_true", help="for a machine that takes another's place: the key that had ends"
    )
    parser.add_argument("--yes", action="store_true", help="go on where --new-key cuts off a device that answers")


def run(arguments: argparse.Namespace) -> int:
    from cli.azure import answers, iot_hub
    from edge.machine import own

    runtime = str(stack_config(arguments.stack).get("edgeRuntime", ""))
    if runtime.count(".") != 2:
        raise Refused(f"edgeway:edgeRuntime is {runtime!r}; an exact patch such as 1.6.1 is wanted for a device")
    stack = outputs(arguments.stack)
    device = stack.device(arguments.id)
    _refuse_virtual(stack, device)
    enter(arguments.stack)
    files = _files(stack.hub.host, runtime, arguments)
    with answers(stack.hub.host, f"device {device!r}"):
        hub = iot_hub(stack.hub.host)
        key = _new_key(hub, device, sure=arguments.yes) if arguments.new_key else _keys(hub, device).primary
    write(arguments.out, files, own.KEY_FILE, key)
    print(f"{arguments.out / own.INSTALL}\n{arguments.out / own.KEY_FILE} (mode 0600)")
    print(
        f"On the machine, Ubuntu {arguments.ubuntu}: copy the folder there (scp -pr), then `sudo sh {own.INSTALL}`; "
        f"{own.KEY_FILE} here is then to be deleted. "
        "Where aziot-edge is set up already by other means: config.toml to /etc/aziot, "
        f"{own.KEY_FILE} of aziotks to the path that it names, then `sudo iotedge config apply`."
    )
    return 0


def _refuse_virtual(stack: Outputs, device: str) -> None:
    if stack["devices"][device].get("machine"):
        raise Refused(
            f"device {device!r} has a virtual machine of the stack, which is set up by itself: `edgeway device check "
            f"{device}` says how it is, and `pulumi up --replace` makes another one"
        )


def _files(hub_host: str, runtime: str, arguments: argparse.Namespace) -> dict[str, str]:
    from edge.machine import own
    from edge.machine.edge_config import EDGE_CA_DAYS
    from edge.machine.files import KeyFile, Machine, machine_files
    from edge.machine.pins import AGENT_REPOSITORY

    machine = Machine(
        hub_host=hub_host,
        device_id=arguments.id,
        key=KeyFile(path=own.INSTALLED_KEY),
        made_by=f"`edgeway device config {arguments.id}`",
        ubuntu=arguments.ubuntu,
        elevated=True,  # whose machine it is decides that; without, layers that ask for more would run with less
        edge_ca_days=arguments.edge_ca_days or EDGE_CA_DAYS,
        hostname=arguments.hostname,
        agent_image=f"{AGENT_REPOSITORY}:{runtime}",
    )
    return own.folder_of(machine_files(machine), machine.ubuntu)


def _keys(hub: IotHub, device: str) -> DeviceKeys:
    from cloud.iot_hub import device_keys

    keys = device_keys(hub, device)
    if not keys.primary:
        raise Failed(f"device {device!r} has no symmetric key in {hub.host}")
    return keys


def _new_key(hub: IotHub, device: str, *, sure: bool) -> str:
    """Both are made anew: nobody signs in with what the other machine has."""
    from cloud.iot_hub import change_device_keys, fresh_key

    keys = _keys(hub, device)
    if hub.agent_answers(device):
        if not sure:
            raise Refused(
                f"device {device!r} answers: --new-key would cut off the machine that it runs on; --yes goes on"
            )
        print(f"edgeway: the machine that is device {device!r} now is cut off", file=sys.stderr)
    key = fresh_key()
    change_device_keys(hub, keys, primary=key, secondary=fresh_key())
    return key


def _hostname(text: str) -> str:
    """What iot-identity-service does not warn of: RFC 1035, and at most the 64 letters of a certificate."""
    if len(text) > 64 or not re.fullmatch(r"[a-z](?:-*[a-z0-9])*(?:\.[a-z](?:-*[a-z0-9])*)*", text):
        allowed = "at most 64 of a-z, 0-9, - and ., each part starting with a letter and not ending in -"
        raise argparse.ArgumentTypeError(f"{text!r} is refused; {allowed}")
    return text


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 3650):
        raise argparse.ArgumentTypeError(f"{text!r} is refused; a whole number of days from 1 to 3650 is wanted")
    return int(text)


def write(folder: Path, files: Mapping[str, str], key_name: str, key: str) -> None:
    """The key file holds the key's bytes, as aziot-keyd reads a preloaded key."""
    try:
        content = base64.b64decode(key, validate=True)
        folder.mkdir(parents=True, exist_ok=True)
        key_file = folder / key_name
        key_file.unlink(missing_ok=True)  # an earlier file's mode would stay
        with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except binascii.Error as error:
        raise Failed("the hub's key for the device is not base64") from error
    except OSError as error:
        raise Refused(f"--out {folder}: {error.strerror}") from error


COMMAND = Command(
    name="config",
    help="write what makes a machine of one's own a device: config.toml, units, the key",
    description="Writes DIR/install.sh, what it installs (config.toml, the program that sets the machine up, its "
    "units) and DIR/device.key (mode 0600). The key is never printed, and goes from the machine once aziot-keyd has "
    "it. For a second machine that takes a dead one's place run it again, with --new-key where others may read the "
    "dead one's disk.",
    add_options=_options,
    run=run,
)
