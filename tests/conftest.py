"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Tests assert behaviour, not speed: an example that is slow because the machine is busy is no failure.
settings.register_profile("edgeway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("edgeway")
