"""What was under way when an `up` died is named, as `make up` tells it before it refreshes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "pending.py"
URN = "urn:pulumi:local::edgeway::edgeway:infra:EdgeLayer$mledge:iothub:EdgeDeployment::anomaly"


def pending(deployment: dict[str, Any]) -> str:
    state = json.dumps({"version": 3, "deployment": deployment})
    command = [sys.executable, str(SCRIPT)]
    return subprocess.run(command, input=state, capture_output=True, text=True, check=True).stdout.strip()


def test_each_operation_is_named_by_what_it_did_to_what() -> None:
    operation = {"type": "updating", "resource": {"urn": URN, "type": "mledge:iothub:EdgeDeployment"}}
    assert pending({"pending_operations": [operation]}) == "updating EdgeDeployment anomaly"


def test_a_state_of_a_whole_up_or_of_none_names_nothing() -> None:
    assert pending({"manifest": {}, "resources": []}) == pending({"pending_operations": None}) == ""
