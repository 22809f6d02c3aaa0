"""The steps, one file each, in the order of their price."""

from __future__ import annotations

from cli.first_contact.step import Step
from cli.first_contact.steps import permissions, regions, resource_names, sign_in, state, tools

STEPS: tuple[Step, ...] = (
    tools.STEP,
    sign_in.STEP,
    permissions.STEP,
    regions.STEP,
    resource_names.STEP,
    state.STEP,
)
