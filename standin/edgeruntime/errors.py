"""Refusals of the devices' control surface: ServiceError > NotFound > DeviceUnknown, BadRequest > BadSwitch."""

from __future__ import annotations

from standin.core.errors import BadRequest, NotFound


class DeviceUnknown(NotFound):
    code = "DeviceNotFound"


class BadSwitch(BadRequest):
    code = "InvalidSwitch"
