"""`edgeway first-contact`: asks Azure, step by step and by price, whether it is what docs/parity.md takes it for.

Each question is a row of that page, named by its id (`P-hub-keys`): an answer is expected, a surprise, or could not be
asked. Lowest first: `finding`, `redaction`; `planned`, what `up` would send; `scratch`, a group of its own; `contact`,
what steps get; `step`, what a step is; `steps/`, one file each; `running` and `report`.
"""
