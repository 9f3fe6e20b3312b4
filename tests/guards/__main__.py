"""`make guards`: remove guards one at a time, and see that a test fails.

It ends with status 1 if fewer than 95 % of the removals are noticed.
"""

import argparse
import os
import random
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import chain
from pathlib import Path
from queue import SimpleQueue

import django

LEAST = 95  # per cent of the guards that were tried


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    from tests.guards import registry
    from tests.guards.guard import KINDS

    options = _options(KINDS)
    engine = "postgresql" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"
    found = [guard for guard in registry.guards() if guard.kind in (options.kind or KINDS)]
    guards = [guard for guard in found if guard.engine in ("", engine)]
    if options.place:
        guards = [guard for guard in guards if options.place in guard.place]
    if options.sample:
        guards = _sample(guards, options.sample, random.Random(options.seed))  # noqa: S311
    if options.quick:
        guards = [guard._replace(stages=guard.quick_stages()) for guard in guards]
    if options.list:
        print(*guards, sep="\n")
        _print_counts(found, guards, engine)
        return 0
    _print_counts(found, guards, engine)
    trials = list(_tried(guards, workers=options.workers, engine=engine))
    return _report(trials)


def _options(kinds):
    parser = argparse.ArgumentParser(prog="make guards", description=__doc__)
    parser.add_argument("--kind", action="append", choices=kinds, help="only guards of this kind; can be repeated")
    parser.add_argument("--place", help="only guards whose file or name contains this text")
    parser.add_argument("--sample", type=int, help="only so many guards, of each kind at least one")
    parser.add_argument("--seed", type=int, default=1, help="of the sample; the same seed draws the same guards")
    parser.add_argument("--quick", action="store_true", help="leave out the tests of whole rooms, which run last")
    parser.add_argument("--list", action="store_true", help="list the guards, and try none")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    return parser.parse_args()


def _sample(guards, most, draw):
    """One of each kind in turn, so that a small sample has all kinds."""
    by_kind = defaultdict(list)
    for guard in draw.sample(guards, len(guards)):
        by_kind[guard.kind].append(guard)
    turns = [(place / len(kind), guard) for kind in by_kind.values() for place, guard in enumerate(kind)]
    first = [kind[0] for kind in by_kind.values()]
    others = [guard for _, guard in sorted(turns, key=lambda turn: turn[0]) if guard not in first]
    return (first + others)[:most]


def _print_counts(found, guards, engine):
    other = Counter(guard.engine for guard in found if guard.engine not in ("", engine))
    left_out = f"; {sum(other.values())} need another engine than {engine}" if other else ""
    print(f"{len(guards)} of {len(found)} guards{left_out}.", flush=True)


def _tried(guards, *, workers, engine):
    from tests.guards.trial import Tree

    with tempfile.TemporaryDirectory(prefix="collum-guards-") as folder:
        free = SimpleQueue()
        for number in range(workers):
            url = f"{os.environ['DATABASE_URL']}_{number}" if engine == "postgresql" else ""
            free.put(Tree(Path(folder) / str(number), database_url=url))
        trees = [free.get() for _ in range(workers)]
        for tree in trees:
            tree.prepare(trees[0] if tree is not trees[0] else None)
            free.put(tree)

        def with_a_tree(act):
            tree = free.get()
            try:
                return act(tree)
            finally:
                free.put(tree)

        def try_one(guard):
            return with_a_tree(lambda tree: tree.try_without(guard))

        with ThreadPoolExecutor(workers) as pool:
            shares = _shares(guards, workers)
            list(pool.map(lambda tests: with_a_tree(lambda tree: tree.require_green(tests)), shares))
            for done in as_completed([pool.submit(try_one, guard) for guard in guards]):
                trial = done.result()
                print(f"{trial.outcome:<9} {trial.seconds:5.1f} s  {trial.guard}", flush=True)
                yield trial


def _shares(guards, workers):
    """The tests that run first for each guard, by file, for each worker. The last ones are left to `make test`."""
    by_file = defaultdict(set)
    for test in chain.from_iterable(guard.stages[0] for guard in guards):
        by_file[test.partition("::")[0]].add(test)
    # A whole file includes its tests.
    named = [{file} if file in tests else tests for file, tests in sorted(by_file.items())]
    return [sorted(set().union(*named[worker::workers])) for worker in range(workers) if named[worker::workers]]


def _report(trials):
    print()
    for outcome in ("survived", "broken"):
        for trial in trials:
            if trial.outcome == outcome:
                print(f"{outcome}: {trial.guard}{_indented(trial.said)}")
    print()
    of_kind = defaultdict(Counter)
    for trial in trials:
        of_kind[trial.guard.kind][trial.outcome] += 1
    for kind, counts in sorted(of_kind.items()):
        print(f"{kind:<16} {counts['detected']:3} of {counts.total():3}  {_share(counts):3.0f} %")
    total = Counter(trial.outcome for trial in trials)
    print(f"{'all':<16} {total['detected']:3} of {total.total():3}  {_share(total):3.0f} %")
    return 0 if _share(total) >= LEAST else 1


def _share(counts):
    return 100 * counts["detected"] / counts.total() if counts.total() else 100


def _indented(text):
    return "".join(f"\n    {line}" for line in text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
