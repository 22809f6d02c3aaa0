"""Our scoring server beside what users would pick instead: ratios, in interleaved rounds, every answer checked."""
