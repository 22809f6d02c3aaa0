"""Names that the program, the images, the command line and the local stack must spell alike."""

from __future__ import annotations

import re

LABEL_IMAGE = "edgeway.image"
"""On every image that the project builds; its value is the folder under images/."""
LABEL_STANDIN = "edgeway.standin"
LABEL_KIND = "edgeway.kind"
LABEL_DEVICE = "edgeway.device"
LABEL_MODULE = "edgeway.module"

IMAGE_SCORING = "scoring"
IMAGE_SENSOR = "sensor"
BASE_IMAGE = "python:3.11-slim-bookworm"

REPOSITORY_PREFIX = "edgeway"
SENSOR_REPOSITORY = f"{REPOSITORY_PREFIX}/sensor"

SECRETS_FOLDER = "/var/run/edgeway/secrets"
SECRET_SCORING_KEY = "scoring-key"  # noqa: S105 - a file name, as are the next two
SECRET_TLS_CERTIFICATE = "tls.crt"  # noqa: S105
SECRET_TLS_PRIVATE_KEY = "tls.key"  # noqa: S105

SCORING_PORT = 5001
SCORING_TLS_PORT = 443
CONTAINER_UID = 10001

_MODEL_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")


def model_repository(model: str) -> str:
    """The registry repository that holds a model's scoring image."""
    if not _MODEL_NAME.fullmatch(model):
        raise ValueError(f"model name {model!r} is not allowed: 2 to 32 of a-z, 0-9 and _, starting with a letter")
    return f"{REPOSITORY_PREFIX}/{model}"
