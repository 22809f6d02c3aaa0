"""Entry of the Pulumi program. No garbage collection while the graph is built: nothing of it is garbage."""

import gc
import sys

gc.disable()
import pulumi  # noqa: E402

from infra.program import main  # noqa: E402 - most of the time goes into this import
from pluginbase.terminal import wrapped  # noqa: E402

# Pulumi's code for "the user has been told"; with any other the engine adds that an unhandled error occurred.
TOLD = 32

try:
    main()
except pulumi.RunError as refusal:
    pulumi.log.error(wrapped(str(refusal)))
    sys.exit(TOLD)
