"""The last of the end-to-end tests: the stack is destroyed, and comes back from an `up` that failed early."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.e2e.stack.local_stack import STACK, LocalStack

pytestmark = pytest.mark.e2e

ONLY_THE_VAULT = "--target **Foundation::** --target **ResourceGroup::** --target **Vault::**"


def test_destroying_after_an_up_that_failed_early_frees_every_name(stack: LocalStack) -> None:
    """With the vault made and not yet what purges it, a plain destroy would leave its name taken for 90 days."""
    stack.command("tools/down.sh", STACK)
    early = replace(stack, environment=(("NO_WAIT", "1"), ("UP_OPTIONS", ONLY_THE_VAULT)))
    # the program stumbles over what it did not make
    early.command("tools/up.sh", STACK, check=False)
    kinds = {one["type"] for one in json.loads(stack.pulumi("stack", "export").stdout)["deployment"]["resources"]}
    assert any(kind.startswith("azure-native:keyvault") and kind.endswith(":Vault") for kind in kinds)
    assert "mledge:azure:Purge" not in kinds
    # asks the stand-in for leftovers, soft-deleted ones included, and fails where it has any
    assert "nothing is left: no resource" in stack.command("tools/down.sh", STACK).stdout
