"""Docker's container create, as createOptions hold it.

https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerCreate
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edge.manifest.rules.docker.host_config import HOST_CONFIG, HOST_MEMBERS, NAMED, PORT, each
from edge.manifest.rules.docker.types import flag, listed, mapped, number, record, text, written

_VARIABLE = written(r"[^=]+(=.*)?", "text such as NAME=value")
_TIME = number(0)
_ENDPOINT = record(
    {
        "IPAMConfig": record({**each("IPv4Address IPv6Address", text), "LinkLocalIPs": listed(text)}),
        **each("Links Aliases DNSNames", listed(text)),
        **each("NetworkID EndpointID Gateway IPAddress IPv6Gateway GlobalIPv6Address MacAddress", text),
        **each("IPPrefixLen GlobalIPv6PrefixLen GwPriority", number()),
        "DriverOpts": NAMED,
    }
)
_CONTAINER = record(
    {
        **each("Hostname Domainname User Image WorkingDir MacAddress StopSignal", text),
        **each("AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce ArgsEscaped NetworkDisabled", flag),
        **each("Cmd Entrypoint OnBuild Shell", listed(text)),
        "Env": listed(_VARIABLE),
        "ExposedPorts": mapped(record({}), key=PORT),
        "Volumes": mapped(record({})),
        "Labels": NAMED,
        "StopTimeout": number(-1),
        "Healthcheck": record(
            {"Test": listed(text), "Retries": number(0), **each("Interval Timeout StartPeriod StartInterval", _TIME)}
        ),
        "HostConfig": HOST_CONFIG,
        "NetworkingConfig": record({"EndpointsConfig": mapped(_ENDPOINT)}),
    },
    {name: f"HostConfig.{name}" for name in HOST_MEMBERS.split()},
)


def create_options_problems(options: Mapping[str, Any]) -> Iterator[str]:
    """Each with its path, as `HostConfig.PortBindings.1883/tcp is an object; a list is wanted`."""
    return _CONTAINER("", options)
