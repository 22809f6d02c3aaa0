"""What runs and what it was made of is named by content: a tag or a path can mean something else tomorrow."""

from __future__ import annotations

from policies.checks import by_type, matches
from policies.patterns import SHA256
from policies.rule import Level, Rule

CONTENT_BY_DIGEST = Rule(
    name="content-by-digest",
    description="Images run by digest, and data, code and artifacts are named by their SHA-256.",
    level=Level.MANDATORY,
    check=by_type(
        {
            "azure-native:containerinstance:ContainerGroup": [
                matches("containers[*].image", rf"[^\s]+@sha256:{SHA256}"),
            ],
            "mledge:ml:TrainingRun": [
                matches("inputsDigest", SHA256),
                matches("data.key", SHA256),
                matches("data.sha256", SHA256),
            ],
            "mledge:ml:RegisteredModel": [matches("digest", SHA256), matches("card.dataSha256", SHA256)],
            "mledge:docker:Image": [matches("contextDigest", SHA256), matches("artifactDigest", SHA256)],
        }
    ),
)
