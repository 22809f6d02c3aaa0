"""Entry of the Pulumi program. No garbage collection while the graph is built: nothing of it is garbage."""

import gc

gc.disable()
from infra.program import main  # noqa: E402 - most of the time goes into this import

main()
