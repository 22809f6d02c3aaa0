"""The steps, one file each, in the order of their price."""

from __future__ import annotations

from cli.first_contact.step import Step
from cli.first_contact.steps import (
    containers,
    hub,
    permissions,
    regions,
    registry,
    resource_names,
    role_assignments,
    sign_in,
    state,
    tools,
    vaults,
    workspace,
)

STEPS: tuple[Step, ...] = (
    tools.STEP,
    sign_in.STEP,
    permissions.STEP,
    regions.STEP,
    resource_names.STEP,
    state.STEP,
    role_assignments.STEP,
    hub.STEP,
    registry.STEP,
    containers.STEP,
    vaults.STEP,
    workspace.STEP,
)
