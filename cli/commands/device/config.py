"""`edgeway device config`: config.toml for aziot-edge, with the key in a file of its own.

https://learn.microsoft.com/azure/iot-edge/configure-device
"""

from __future__ import annotations

import argparse
import base64
import binascii
import os
import re
from pathlib import Path

from cli.arguments import add_stack
from cli.command import Command
from cli.errors import Failed, Refused
from cli.stack.environment import enter
from cli.stack.file import stack_config
from cli.stack.outputs import outputs
from edge.machine import AGENT_REPOSITORY, EDGE_CA_DAYS, EdgeConfig, config_toml

KEY_FILE = "device.key"
INSTALLED_KEY = f"/etc/aziot/{KEY_FILE}"


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--hostname", type=_hostname, metavar="NAME", help="of the machine (default what the machine is called)"
    )
    parser.add_argument(
        "--edge-ca-days",
        type=_days,
        default=EDGE_CA_DAYS,
        metavar="N",
        help=f"life of the CA that the device makes for its modules (default {EDGE_CA_DAYS})",
    )


def run(arguments: argparse.Namespace) -> int:
    from cli.azure import answers, iot_hub

    runtime = str(stack_config(arguments.stack).get("edgeRuntime", ""))
    if runtime.count(".") != 2:
        raise Refused(f"edgeway:edgeRuntime is {runtime!r}; an exact patch such as 1.6.1 is wanted for a device")
    stack = outputs(arguments.stack)
    hub, device = stack.hub, stack.device(arguments.id)
    enter(arguments.stack)
    with answers(hub.host, f"device {device!r}"):
        key = iot_hub(hub.host).device(device).primary_key
    if not key:
        raise Failed(f"device {arguments.id!r} has no symmetric key in {hub.host}")
    config = EdgeConfig(
        hub_host=hub.host,
        device_id=arguments.id,
        key_file=INSTALLED_KEY,
        agent_image=f"{AGENT_REPOSITORY}:{runtime}",
        hostname=arguments.hostname,
        edge_ca_days=arguments.edge_ca_days,
    )
    text = config_toml(config, f"`edgeway device config {arguments.id}`")
    config_file, key_file = write(arguments.out, text, key)
    print(f"{config_file}\n{key_file} (mode 0600)")
    print(
        f"On the device: copy both to /etc/aziot, `chown aziotks: {INSTALLED_KEY}`, then `sudo iotedge config apply`."
    )
    return 0


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


def write(folder: Path, config: str, key: str) -> tuple[Path, Path]:
    """The key file holds the key's bytes, as aziot-keyd reads a preloaded key."""
    try:
        content = base64.b64decode(key, validate=True)
        folder.mkdir(parents=True, exist_ok=True)
        config_file, key_file = folder / "config.toml", folder / KEY_FILE
        key_file.unlink(missing_ok=True)  # an earlier file's mode would stay
        with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        config_file.write_text(config, encoding="utf-8")
    except binascii.Error as error:
        raise Failed("the hub's key for the device is not base64") from error
    except OSError as error:
        raise Refused(f"--out {folder}: {error.strerror}") from error
    return config_file, key_file


COMMAND = Command(
    name="config",
    help="write config.toml and the key for a device with aziot-edge",
    description="Writes DIR/config.toml and DIR/device.key (mode 0600). The key is never printed.",
    add_options=_options,
    run=run,
)
