"""The program as committed, and as each change makes it: every one a dry run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dryrun import engine_config, make_clone, run_program, stack_tree
from tools.replace_page.effects import PlannedResource, Program
from tools.replace_page.variants import Config, Variant

STACK = "dev"


def programs(variants: Sequence[Variant]) -> Iterator[Program]:
    """The program as committed, then once for each variant."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:

        def run(number: int, variant: Variant) -> Program:
            clone = make_clone(Path(folder) / str(number))
            config: Config = stack_tree(STACK)
            variant.config(config)
            variant.clone(clone)
            plan = run_program(clone, STACK, "up", engine_config(config))
            if "refused" in plan:
                raise SystemExit(f"{variant.text}: {plan['refused']}")
            registered = [PlannedResource(record) for record in plan["resources"] if record["custom"]]
            # the order in which a program registers is not fixed
            return {one.key: one for one in sorted(registered, key=lambda one: one.key)}

        everything = (Variant("as committed"), *variants)
        yield from pool.map(run, range(len(everything)), everything)
