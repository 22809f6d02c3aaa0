"""How slow and moody the stand-in is: `fast` answers at once, `slow` behaves as Azure does on a bad day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    name: str
    role_propagation_s: float
    """A role assignment grants nothing before this long after its creation."""
    blob_role_propagation_s: float
    """The same of a role on blobs: storage is often the last to honour one, after a workspace beside it stands."""
    operation_polls: int
    """How often a long operation says InProgress before it says how it ended; 0 = only those that take their time."""
    new_token_refusals: int
    """How often a registry refuses to make a password of a token that is new (409 TokenNotActive)."""
    hub_absent_at_first: int
    """How many requests a new IoT Hub answers as if there were none (404 IotHubNotFound)."""
    hub_absent_every: int
    """Each so-manieth request after that is answered so too, as a 401; 0 = none is."""
    hub_keys_anew: bool
    """A PUT of an IoT Hub that names no shared access policies makes the keys of all of them anew."""
    hub_name_held_s: float
    """How long after a hub's end its name is not free yet."""
    throttle_once: bool
    """The first write to each service is answered 429 with Retry-After."""
    twin_lag_s: float
    configuration_lag_s: float
    node_start_s: float
    """How long a node of a compute cluster takes to come up, ..."""
    node_leave_s: float
    """... and to go."""


FAST = Profile(
    name="fast",
    role_propagation_s=0,
    blob_role_propagation_s=0,
    operation_polls=0,
    new_token_refusals=0,
    hub_absent_at_first=2,
    hub_absent_every=100,
    hub_keys_anew=False,
    hub_name_held_s=0,
    throttle_once=False,
    twin_lag_s=0,
    configuration_lag_s=0,
    node_start_s=0,
    node_leave_s=0,
)
SLOW = Profile(
    name="slow",
    role_propagation_s=15,
    blob_role_propagation_s=45,
    operation_polls=3,
    new_token_refusals=2,
    hub_absent_at_first=5,
    hub_absent_every=100,
    hub_keys_anew=True,
    # shorter than a destroy takes after it: longer, an `up` right behind it would fail, as it does in Azure
    hub_name_held_s=10,
    throttle_once=True,
    twin_lag_s=2,
    configuration_lag_s=5,
    node_start_s=10,
    node_leave_s=5,
)
PROFILES = {profile.name: profile for profile in (FAST, SLOW)}
