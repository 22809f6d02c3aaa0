"""Who deploys is asked of Azure, which may not answer."""

from __future__ import annotations

import pulumi
import pytest
from pulumi_azure_native import authorization

from infra.deployer import Deployer


def test_an_azure_that_does_not_say_who_deploys_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise Exception("invoke of azure-native:authorization:getClientConfig failed: cannot connect")

    monkeypatch.setattr(authorization, "get_client_config", gone)
    with pytest.raises(pulumi.RunError, match=r"who is signed in to Azure is not known: .*cannot connect"):
        Deployer.signed_in()
