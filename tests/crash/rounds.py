"""Rounds: users write, something is killed, and everything is checked."""

import random
import time

from django.db import connection

from clinic.records import sealing
from tests.crash.checks import faults_of
from tests.crash.writers import Gate, Signs

WRITERS = 5
LEAST_ACKNOWLEDGED = 4  # before something is killed
WHOLE_CHECK_EVERY = 10  # rounds
SESSIONS_AT_ONCE = 5
PATIENCE_S = 300


class Rounds:
    """`strikes`: by name, what is killed."""

    def __init__(self, world, served, strikes, *, seed, tell=str):
        self.tell = tell
        self.world, self.served, self.strikes = world, served, strikes
        self.random = random.Random(seed)  # noqa: S311
        self.gate = Gate(WRITERS)
        self.writers = world.writers(served.url, self.gate)
        self.signs = next(writer for writer in self.writers if isinstance(writer, Signs))
        self.struck = dict.fromkeys(strikes, 0)
        self.faults, self.seals = [], 0
        for writer in self.writers:
            writer.start()

    def run(self, number):
        # Each kind once, and then at random.
        first = list(self.strikes)
        for turn in range(number):
            name = first[turn] if turn < len(first) else self.random.choice(first)
            self._round(name, whole=turn % WHOLE_CHECK_EVERY == WHOLE_CHECK_EVERY - 1)
            if turn % WHOLE_CHECK_EVERY == WHOLE_CHECK_EVERY - 1:
                self.tell(
                    f"{turn + 1} rounds, {self.acknowledged():,} acknowledged writes, {len(self.faults)} faults …"
                )
            if self.faults:
                break
        self._last_round()
        return self

    def _round(self, name, *, whole):
        self._prepare()
        before = self.acknowledged()
        self.gate.open()
        self._wait_for(lambda: self.acknowledged() - before >= LEAST_ACKNOWLEDGED)
        time.sleep(self.random.random() * 0.3)
        self.strikes[name]()
        self.struck[name] += 1
        self.served.wait_until_ready()
        self.gate.close()
        self.faults += faults_of(self.writers, whole=whole)

    def _last_round(self):
        """Nothing is killed: every writer gets its answer, and has two at least."""
        self._prepare()
        wanted = [max(len(writer.done) + 1, 2) for writer in self.writers]
        self.gate.open()
        self._wait_for(lambda: all(len(w.done) >= n for w, n in zip(self.writers, wanted, strict=True)))
        self.gate.close()
        connection.close()
        self.seals = len(sealing.seal_all())
        self.faults += faults_of(self.writers, whole=True)
        self.gate.end()

    def _prepare(self):
        connection.close()
        if len(self.signs.sessions) < 2:
            self.signs.sessions += [self.world.a_session_to_sign() for _ in range(SESSIONS_AT_ONCE)]

    def acknowledged(self):
        return sum(len(writer.done) for writer in self.writers)

    def _wait_for(self, condition):
        latest = time.monotonic() + PATIENCE_S
        while not condition() and not any(writer.faults for writer in self.writers):
            if time.monotonic() > latest:
                counts = [(type(writer).__name__, len(writer.done)) for writer in self.writers]
                raise RuntimeError(f"Collum does not answer its writers any more: {counts}")
            time.sleep(0.02)

    def numbers(self):
        done = {}
        for writer in self.writers:
            done[type(writer).__name__] = done.get(type(writer).__name__, 0) + len(writer.done)
        lost = sum(writer.lost_answers for writer in self.writers)
        return {"killed": self.struck, "acknowledged": done, "answers_lost": lost, "faults": self.faults}
