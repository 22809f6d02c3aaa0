"""/etc/aziot/config.toml as `iotedge config apply` of IoT Edge 1.6 takes it, and stricter: the real one ignores keys
that it does not know, and a misspelt one would be found on a device first.

https://github.com/Azure/iotedge/blob/main/edgelet/contrib/config/linux/template.toml
https://github.com/Azure/iotedge/blob/main/edgelet/iotedge/src/config/super_config.rs
https://github.com/Azure/iot-identity-service/blob/main/aziotctl/aziotctl-common/src/config/super_config.rs
"""

from __future__ import annotations

import base64
import binascii
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from standin.machines.guest.shapes import (
    Check,
    anything,
    at_least,
    each,
    either,
    flag,
    matching,
    not_built,
    table,
    text,
    url,
)


class ConfigError(Exception):
    """The words that `iotedge config apply` ends with."""


def parse(document: bytes) -> dict[str, Any]:
    """Raises ConfigError with every problem."""
    try:
        config = tomllib.loads(document.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"could not parse config file: {error}") from error
    if problems := list(_CONFIG("", config)):
        raise ConfigError("could not parse config file: " + "; ".join(problems))
    return config


def key_bytes(value: str) -> bytes:
    """base64, with or without its padding, as the real one takes it. ValueError."""
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(f"no base64: {error}") from error


def connection_string(value: str) -> Mapping[str, str]:
    """Of a device: HostName, DeviceId, SharedAccessKey. ValueError names what is missing."""
    parts = dict(part.split("=", 1) for part in value.split(";") if "=" in part)
    for name in ("HostName", "DeviceId", "SharedAccessKey"):
        if not parts.get(name):
            raise ValueError(f'required parameter "{name}" is missing')
    key_bytes(parts["SharedAccessKey"])
    return parts


def _secret(check: Any) -> Check:
    """A value that no message may show."""

    def checked(key: str, value: object) -> Iterator[str]:
        try:
            check(value)
        except (ValueError, TypeError) as error:
            yield f"{key}: {error}"

    return checked


_FILE = url("file")
_KEY_FILE = url("file", "pkcs11")
_SOCKET = url("unix", "fd", "http")
_DURATION = r"([0-9]+ ?(s|sec|m|min|h|hr|hour|hours|d|day|days|w|week|weeks) ?)+"
_RENEW = table(
    {
        "rotate_key": flag,
        "threshold": matching(rf"[0-9]{{1,2}}%|{_DURATION}", 'a share or a time, as "80%" or "1h"'),
        "retry": matching(rf"[0-9]{{1,2}}%|{_DURATION}", 'a share or a time, as "4%" or "1h"'),
    }
)
_SAS = table(
    {
        "method": matching("sas", "sas, the one that is built here"),
        "device_id_pk": either(
            table({"value": _secret(key_bytes)}, required=("value",)), table({"uri": _KEY_FILE}, required=("uri",))
        ),
    },
    required=("method", "device_id_pk"),
)
_MANUAL = matching("manual", "manual, the one that is built here")
_EXPLICIT = table(
    {
        "source": _MANUAL,
        "iothub_hostname": matching(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "the host name of an IoT Hub"),
        "device_id": matching(r"[A-Za-z0-9\-.+%_#*?!(),:=@;$']{1,128}", "a device id"),
        "authentication": _SAS,
    },
    required=("source", "iothub_hostname", "device_id", "authentication"),
)
_STRING = table(
    {"source": _MANUAL, "connection_string": _secret(connection_string)}, required=("source", "connection_string")
)
_AGENT = table(
    {
        "name": matching("edgeAgent", "edgeAgent"),
        "type": matching("docker", "docker"),
        "imagePullPolicy": matching("on-create|never", "on-create or never"),
        "env": each(text),
        "config": table(
            {
                "image": matching(r"\S+", "the name of an image"),
                "createOptions": each(anything),
                "auth": table({"serveraddress": text, "username": text, "password": _secret(lambda value: value + "")}),
                "digest": text,
            },
            required=("image",),
        ),
    },
    required=("name", "type", "config"),
)
_QUICKSTART = table(
    {"auto_generated_edge_ca_expiry_days": at_least(1), "auto_renew": _RENEW},
    required=("auto_generated_edge_ca_expiry_days",),
)
_CONFIG = table(
    {
        "hostname": matching(r"[^\s/]{1,255}", "a host name"),
        "parent_hostname": text,
        "local_gateway_hostname": text,
        "trust_bundle_cert": _FILE,
        "allow_elevated_docker_permissions": flag,
        "auto_reprovisioning_mode": matching("Dynamic|AlwaysOnStartup|OnErrorOnly", "one of the three modes"),
        "additional_info": _FILE,
        "iotedge_max_requests": each(at_least(1)),
        "aziot_max_requests": each(at_least(1)),
        "cloud_timeout_sec": at_least(1),
        "cloud_retries": at_least(0),
        "prefer_module_identity_cache": flag,
        "provisioning": either(_STRING, _EXPLICIT),
        "agent": _AGENT,
        "connect": table({"workload_uri": _SOCKET, "management_uri": _SOCKET}),
        "listen": table({"workload_uri": _SOCKET, "management_uri": _SOCKET, "min_tls_version": text}),
        "watchdog": table({"max_retries": either(at_least(1), matching("infinite", 'a whole number or "infinite"'))}),
        "edge_ca": either(_QUICKSTART, table({"cert": _FILE, "pk": _KEY_FILE}, required=("cert", "pk"))),
        "moby_runtime": table(
            {"uri": url("unix"), "network": either(text, each(anything)), "content_trust": each(anything)},
            required=("uri", "network"),
        ),
        "image_garbage_collection": table(
            {
                "enabled": flag,
                "cleanup_recurrence": matching(r"[1-9][0-9]* ?(d|day|days)", 'a multiple of days, as "1d"'),
                "image_age_cleanup_threshold": matching(_DURATION, 'a duration, as "7d"'),
                "cleanup_time": matching(r"([01][0-9]|2[0-3]):[0-5][0-9]", "a time of day, as 03:00"),
            }
        ),
        "tpm": each(anything),
        "aziot_keys": each(anything),
        "cert_issuance": not_built("certificates of EST or of a local CA"),
        "preloaded_keys": not_built("keys by PKCS#11"),
        "preloaded_certs": not_built("certificates of one's own but edge_ca and trust_bundle_cert"),
    },
    required=("provisioning",),
)  # fmt: skip
