"""Commands in a machine: what they are asked, and how Azure tells of their end.

https://learn.microsoft.com/azure/virtual-machines/linux/run-command
https://learn.microsoft.com/azure/virtual-machines/linux/run-command-managed
Of what a command prints the last 4 KiB come back, and of one that was posted not how it exited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from standin.compute.errors import InvalidParameter
from standin.core.numbers import whole_number
from standin.machines import Ran

_LAST_BYTES = 4096
_COMMAND = "RunShellScript"
LONGEST_SECONDS = 5400
"""Of one that is posted, and of a resource that says nothing: an hour and a half."""


def posted(body: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Script and parameters of `runCommand`. Raises InvalidParameter."""
    command, script = body.get("commandId"), body.get("script")
    if command != _COMMAND:
        raise InvalidParameter(
            f"The entity was not found in this Azure location: commandId is {command!r}, here {_COMMAND} is built.",
            "commandId",
        )
    if not isinstance(script, list) or not script or not all(isinstance(line, str) for line in script):
        raise InvalidParameter(f"script is {script!r}: a list of lines is wanted.", "script")
    return "\n".join(script), parameters_of(body.get("parameters"))


def parameters_of(listed: object) -> dict[str, str]:
    """By name; they come as variables of the environment."""
    found = {}
    for one in listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ():
        name, value = (one.get("name"), one.get("value")) if isinstance(one, Mapping) else (None, None)
        if not isinstance(name, str) or not name.isidentifier() or not isinstance(value, str):
            raise InvalidParameter(f"a parameter is {name!r}: a name of letters, digits and '_'.", "parameters")
        found[name] = value
    return found


def seconds_of(given: object) -> int:
    if given is None:
        return LONGEST_SECONDS
    seconds = whole_number(str(given))
    if seconds is None or seconds < 1:
        raise InvalidParameter(f"timeoutInSeconds is {given!r}: a whole number of seconds.", "timeoutInSeconds")
    return seconds


def result(ran: Ran) -> dict[str, Any]:
    """Of a command that was posted: it succeeded, whatever its exit code was."""
    message = f"Enable succeeded: \n[stdout]\n{_last(ran.stdout)}\n[stderr]\n{_last(ran.stderr)}"
    return {
        "value": [
            {
                "code": "ProvisioningState/succeeded",
                "level": "Info",
                "displayStatus": "Provisioning succeeded",
                "message": message,
            }
        ]
    }


def instance_view(ran: Ran, began: str, ended: str) -> dict[str, Any]:
    """Of a command that is a resource."""
    state = "TimedOut" if ran.exit_code == _TIMED_OUT else "Failed" if ran.exit_code else "Succeeded"
    return {
        "executionState": state,
        "executionMessage": reason(ran) if ran.exit_code else "",
        "exitCode": ran.exit_code,
        "output": _last(ran.stdout),
        "error": _last(ran.stderr),
        "startTime": began,
        "endTime": ended,
        "statuses": [],
    }


def reason(ran: Ran) -> str:
    """Why it failed, with the last that it said."""
    said = _last(ran.stderr).strip() or _last(ran.stdout).strip()
    why = "the time was over" if ran.exit_code == _TIMED_OUT else f"exit status {ran.exit_code}"
    return f"Command execution finished, but failed: {why}. {said}".strip()


_TIMED_OUT = 124


def _last(text: str) -> str:
    return text.encode()[-_LAST_BYTES:].decode(errors="replace")
