"""Names that the program, the images, the command line and the local stack must spell alike."""

from __future__ import annotations

import re

LABEL_IMAGE = "edgeway.image"
"""On every image that the project builds; its value is the folder under images/."""
LABEL_STANDIN = "edgeway.standin"

IMAGE_SCORING = "scoring"
IMAGE_SENSOR = "sensor"
BASE_IMAGE = "python:3.11-slim-bookworm"

REPOSITORY_PREFIX = "edgeway"

SECRETS_FOLDER = "/var/run/edgeway/secrets"
SECRET_SCORING_KEY = "scoring-key"  # noqa: S105 - a file name, as are the next two
SECRET_TLS_CERTIFICATE = "tls.crt"  # noqa: S105
SECRET_TLS_PRIVATE_KEY = "tls.key"  # noqa: S105

SCORING_PORT = 5001
SCORING_TLS_PORT = 443

MODEL_NAME = r"[a-z][a-z0-9_]{1,31}"
"""The pattern of a whole model name, and its meaning in words."""
MODEL_NAME_ALLOWED = "2 to 32 of a-z, 0-9 and _, starting with a letter"


def model_repository(model: str) -> str:
    """The registry repository that holds a model's scoring image."""
    if not re.fullmatch(MODEL_NAME, model):
        raise ValueError(f"model name {model!r} is not allowed: {MODEL_NAME_ALLOWED}")
    return f"{REPOSITORY_PREFIX}/{model}"
