"""What a virtual machine's body says, held against what Azure takes.

https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from standin.compute.errors import InvalidParameter
from standin.core.arm import Resource
from standin.core.arm.fields import object_at

_MOST_CUSTOM_DATA = 87380
"""Characters of base64, which are 64 KiB."""
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?")
_ADMIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,31}")
_KEY = re.compile(r"(ssh-rsa|ssh-ed25519) [A-Za-z0-9+/]+=*( .*)?")
_NOT_FOR_ADMINS = (
    "admin", "administrator", "root", "user", "test", "guest", "sys", "backup", "console", "server", "sql", "support",
    "owner", "1", "123", "a",
)  # fmt: skip


def check_os_profile(profile: Mapping[str, Any]) -> None:
    if not profile:
        raise InvalidParameter("Required parameter 'osProfile' is missing (null).", "osProfile")
    _check_names(profile.get("computerName"), profile.get("adminUsername"))
    custom_data(profile)
    keys = ssh_keys(profile)
    linux = object_at({"linuxConfiguration": profile.get("linuxConfiguration")}, "linuxConfiguration")
    if not keys or not linux.get("disablePasswordAuthentication"):
        raise InvalidParameter(
            "Authentication using either SSH or by user name and password must be enabled in Linux profile. Here SSH "
            "alone is built: linuxConfiguration.ssh.publicKeys with disablePasswordAuthentication.",
            "linuxConfiguration",
        )
    home = f"/home/{profile.get('adminUsername')}/.ssh/authorized_keys"
    for key in keys:
        if key.get("path") != home:
            raise InvalidParameter(
                "Destination path for SSH public keys is currently limited to its default value "
                f"{home} due to a known issue in Linux provisioning agent.",
                "linuxConfiguration.ssh.publicKeys.path",
            )
        if not _KEY.fullmatch(str(key.get("keyData", "")).strip()):
            raise InvalidParameter(
                "The value of parameter linuxConfiguration.ssh.publicKeys.keyData is invalid.",
                "linuxConfiguration.ssh.publicKeys.keyData",
            )


def ssh_keys(profile: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    linux = profile.get("linuxConfiguration")
    ssh = linux.get("ssh") if isinstance(linux, Mapping) else None
    keys = ssh.get("publicKeys") if isinstance(ssh, Mapping) else None
    return [key for key in keys if isinstance(key, Mapping)] if isinstance(keys, list) else []


def custom_data(profile: Mapping[str, Any]) -> bytes:
    """Decoded; raises InvalidParameter."""
    text = profile.get("customData")
    if text is None:
        return b""
    try:
        if len(str(text)) > _MOST_CUSTOM_DATA:
            raise ValueError
        return base64.b64decode(str(text), validate=True)
    except (ValueError, binascii.Error):
        raise InvalidParameter(
            f"Custom data in OSProfile must be in Base64 encoding and with a maximum length of {_MOST_CUSTOM_DATA} "
            "characters.",
            "customData",
        ) from None


def wants_trusted_launch(machine: Resource) -> bool:
    return object_at(machine.body, "properties.securityProfile").get("securityType") == "TrustedLaunch"


def boot_diagnostics(machine: Resource) -> bool:
    return object_at(machine.body, "properties.diagnosticsProfile.bootDiagnostics").get("enabled") is True


def _check_names(computer: object, admin: object) -> None:
    if not isinstance(computer, str) or not _HOST_NAME.fullmatch(computer):
        raise InvalidParameter(
            f"Linux host name is {computer!r}: it cannot exceed 64 characters in length, and has letters, digits and "
            "'-' alone.",
            "computerName",
        )
    if not isinstance(admin, str) or not _ADMIN.fullmatch(admin) or admin.lower() in _NOT_FOR_ADMINS:
        raise InvalidParameter(
            "The Admin Username specified is not allowed. For more information about disallowed usernames, see "
            "https://aka.ms/vmosprofile",
            "adminUsername",
        )
