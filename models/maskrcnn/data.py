"""What the network is made of: a published checkpoint by its URL and SHA-256, a file of one, or a seed."""

from __future__ import annotations

import sys

from models.maskrcnn.weights import checked, seeded
from models.torchvision.checkpoint import Published

_PUBLISHED = Published("maskrcnn", checked, seeded)
SOURCE, weights_of, main = _PUBLISHED.source, _PUBLISHED.weights_of, _PUBLISHED.main

if __name__ == "__main__":
    sys.exit(main())
