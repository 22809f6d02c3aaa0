"""What every service of the stand-in stands on: wire types, errors, clock, store, certificates, tokens, ARM."""
