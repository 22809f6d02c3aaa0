"""What a person does to an endpoint by azure-ai-ml: `python -m tests.e2e.azureml.online.azure GROUP WORKSPACE NAME` and
`keys`, `regenerate primary|secondary` or `tag NAME VALUE`, in the stack's environment.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def endpoints(group: str, workspace: str) -> Any:
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    client = MLClient(DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"], group, workspace)
    return client.online_endpoints


def main(group: str, workspace: str, name: str, what: str, *words: str) -> None:
    client = endpoints(group, workspace)
    if what == "keys":
        keys = client.get_keys(name)
        print(json.dumps({"primary": keys.primary_key, "secondary": keys.secondary_key}))
    elif what == "regenerate":
        client.begin_regenerate_keys(name, key_type=words[0]).result()
    elif what == "tag":
        endpoint = client.get(name)
        endpoint.tags[words[0]] = words[1]
        client.begin_create_or_update(endpoint).result()


if __name__ == "__main__":
    main(*sys.argv[1:])
