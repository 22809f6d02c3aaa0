"""A workspace in the running stand-in of a file's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from azure.identity import DefaultAzureCredential
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient

from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.machinelearning.workspace import PATH, make_what_a_workspace_needs, workspace_body
from tests.standin.running import RunningStandin


@pytest.fixture(scope="module")
def client(azure: RunningStandin, credential: DefaultAzureCredential) -> Iterator[MachineLearningServicesMgmtClient]:
    make_what_a_workspace_needs(credential)
    with MachineLearningServicesMgmtClient(credential, SUBSCRIPTION_ID) as client:
        made = azure.arm("PUT", PATH, workspace_body(systemDatastoresAuthMode="Identity"))
        assert made.status_code == 200, made.text
        yield client
