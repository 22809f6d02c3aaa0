"""`make kills`: parts of the local stack are killed at random moments of `make up`, of a retrain and of `make down`.

After each, the next `make up` or `make down` has to converge without a person, with no message lost and nothing left
over. One seed is one schedule: `make kills SEED=17 COUNT=1` plays that one again. KIND=interrupt is Ctrl-C, KIND=reboot
takes stand-in, containers and engine away at once. Outcomes are kept in .local/kills; `--go-on` leaves out what was
good already, `--minutes` begins no seed after that, and `--table` shows what is kept.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.e2e.stack.counter import Counter
from tests.e2e.stack.local_stack import LocalStack
from tests.kills.play import Measured, Outcome, Player
from tests.kills.results import Results, table
from tests.kills.schedule import KINDS, Schedule, schedule


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make kills", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--kind", choices=KINDS, default="kill")
    parser.add_argument("--minutes", type=float, default=10_000.0, help="begin no seed after that")
    parser.add_argument("--go-on", action="store_true", help="leave out seeds that were good already")
    parser.add_argument("--table", action="store_true", help="show what is kept, and end")
    return parser.parse_args(arguments)


def in_turn(seeds: list[Schedule], player: Player) -> Iterator[Schedule]:
    """The next one that can begin with the stack as it is, so that few undisturbed commands are needed."""
    left = list(seeds)
    while left:
        chosen = next((one for one in left if one.needs == player.state), left[0])
        left.remove(chosen)
        yield chosen


def measured(player: Player, file: Path) -> Measured:
    """Once for a clone: `rm -r .local/kills` has it done again."""
    if not file.exists():
        began = time.monotonic()
        player.measure().write(file)
        print(f"each command once, undisturbed, in {time.monotonic() - began:.0f} s", flush=True)
    return Measured.read(file)


def run(given: argparse.Namespace, folder: Path, results: Results) -> list[Outcome]:
    began, stack, outcomes = time.monotonic(), LocalStack(), []
    seeds = [schedule(number, given.kind) for number in range(given.seed, given.seed + given.count)]
    if given.go_on:
        good = results.good(given.kind)
        seeds = [one for one in seeds if one.seed not in good]
    with stack.stack_file(), Counter(stack) as counter:
        player = Player(stack, folder, counter)
        player.configure()
        player.reach("down")
        known = measured(player, folder / "measured.json")
        for one in in_turn(seeds, player):
            if time.monotonic() - began > given.minutes * 60:
                break
            print(one, flush=True)
            outcome = player.play(one, known)
            print(outcome, flush=True)
            results.add(outcome)
            outcomes.append(outcome)
        player.reach("down")
    return outcomes


def main(arguments: Sequence[str]) -> int:
    given = parsed(arguments)
    # the stack file is put back in any case
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = LocalStack().root / ".local" / "kills"
    folder.mkdir(parents=True, exist_ok=True)
    results = Results(folder / "results.jsonl")
    outcomes = results.all() if given.table else run(given, folder, results)
    print("\n".join(table(outcomes)))
    return 0 if all(one.is_good for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
