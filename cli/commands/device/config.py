"""`edgeway device config`: config.toml for aziot-edge, with the key in a file of its own.

https://learn.microsoft.com/azure/iot-edge/configure-device
"""

from __future__ import annotations

import argparse
import base64
import binascii
import os
from pathlib import Path

from cli.arguments import add_stack
from cli.command import Command
from cli.errors import Failed, Refused
from cli.stack.environment import enter
from cli.stack.file import stack_config
from cli.stack.outputs import outputs

KEY_FILE = "device.key"
INSTALLED_KEY = f"/etc/aziot/{KEY_FILE}"
AGENT_REPOSITORY = "mcr.microsoft.com/azureiotedge-agent"


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")


def run(arguments: argparse.Namespace) -> int:
    from cli.azure import answers, iot_hub

    runtime = str(stack_config(arguments.stack).get("edgeRuntime", ""))
    if runtime.count(".") != 2:
        raise Refused(f"edgeway:edgeRuntime is {runtime!r}; an exact patch such as 1.6.1 is wanted for a device")
    stack = outputs(arguments.stack)
    devices = stack["devices"]
    if arguments.id not in devices:
        raise Refused(f"device {arguments.id!r} is not in the stack; there are: {', '.join(sorted(devices)) or 'none'}")
    hub = stack.hub
    enter(arguments.stack)
    with answers(hub.host, f"device {arguments.id!r}"):
        key = iot_hub(hub.host).device(arguments.id).primary_key
    if not key:
        raise Failed(f"device {arguments.id!r} has no symmetric key in {hub.host}")
    config, key_file = write(arguments.out, config_toml(hub.host, arguments.id, runtime), key)
    print(f"{config}\n{key_file} (mode 0600)")
    print(
        f"On the device: copy both to /etc/aziot, `chown aziotks: {INSTALLED_KEY}`, then `sudo iotedge config apply`."
    )
    return 0


def config_toml(hub_host: str, device_id: str, runtime: str) -> str:
    return f'''# Made by `edgeway device config {device_id}`. The key is in a file of its own.
hostname = "{device_id.lower()}"

[provisioning]
source = "manual"
iothub_hostname = "{hub_host}"
device_id = "{device_id}"

[provisioning.authentication]
method = "sas"
device_id_pk = {{ uri = "file://{INSTALLED_KEY}" }}

[agent]
name = "edgeAgent"
type = "docker"
imagePullPolicy = "on-create"

[agent.config]
image = "{AGENT_REPOSITORY}:{runtime}"
'''


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
