"""Lives many lives, some side by side, and records them in the order of their seeds."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter, deque
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.soak.results import read_results, write_results
from tools.soak.shop import shop_life
from tools.soak.simulation import Life, SoakError, make_templates, simulate, simulate_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Templates = dict[tuple[str, ...], Path]

SAVE_EVERY_S = 60.0
LIVES_A_PROCESS = 40
"""A process is replaced after so many, so that what it holds does not grow all night."""
MEMORY_FOLDER, MEMORY_BYTES = Path("/dev/shm"), 2 << 30
"""Where lakes lie that live for seconds: no write waits for a disk. Used where so many bytes are free."""


@dataclass(frozen=True)
class Kind:
    """A kind of lives: the section of its results, what makes its templates, and what lives a seed."""

    section: str
    make_templates: Callable[[Path], Templates]
    simulate: Callable[[int, int, Templates], Life]


KINDS = {
    "small": Kind("soak", make_templates, simulate),
    "signals": Kind("soak_signals", make_templates, simulate_signals),
    "shop": Kind("soak_shop", shop_life.make_shop_templates, shop_life.simulate_shop),
    "foreign": Kind("soak_foreign", shop_life.make_foreign_templates, shop_life.simulate_foreign),
    "feeds": Kind("soak_feeds", shop_life.make_any_templates, shop_life.simulate_feeds),
    "export": Kind("soak_export", shop_life.make_any_templates, shop_life.simulate_export),
}
"""Lives of small tables with a model after each step; of shoplake's own tables with a fresh lake at the end, from files
in the native format, and in foreign ones."""


@dataclass(frozen=True)
class Lived:
    """A life that was lived, or how it failed, and its CPU seconds."""

    seed: int
    life: Life | None
    failure: str
    cpu_seconds: float


class Lives:
    """Lives in processes side by side. Each process starts the engine once and has templates of lakes of its own."""

    def __init__(self, workers: int, steps: int, folder: Path, kind: str = "small") -> None:
        self._workers, self._steps, self._folder, self._kind = workers, steps, folder, kind

    def live(self, first: int, last: int, seconds: float) -> Iterator[Lived]:
        """Yield the lives of the seeds from `first` to before `last`, in order; none begins after so many seconds."""
        end, seeds, pending = time.monotonic() + seconds, iter(range(first, last)), deque[Future[Lived]]()
        spawn = get_context("spawn")
        with ProcessPoolExecutor(
            self._workers,
            spawn,
            initializer=_start,
            initargs=(self._folder, self._kind),
            max_tasks_per_child=LIVES_A_PROCESS,
        ) as pool:
            while True:
                while len(pending) < 2 * self._workers and time.monotonic() < end:
                    if (seed := next(seeds, None)) is None:
                        break
                    pending.append(pool.submit(_live, seed, self._steps, self._kind))
                if not pending:
                    return
                yield pending.popleft().result()


class Progress:
    """The lives that were lived, what happened in them, and how long they took."""

    def __init__(self, name: str, section: dict[str, Any], steps: int) -> None:
        self._name = name
        self.lives: int = section.get("lives", 0)
        self.failed: list[int] = section.get("failed", [])
        self._steps, self._seconds = steps, section.get("cpu_seconds", 0.0)
        self._counts = Counter[str](section.get("steps", {}))
        self._kills = Counter[str](section.get("kills", {}))
        self._saved_at = time.monotonic()

    def add(self, lived: Lived) -> None:
        """Count a life, or its failure, and save what is due."""
        self.lives += 1
        self._seconds += lived.cpu_seconds
        if lived.life is None:
            self.failed.append(lived.seed)
        else:
            self._counts += lived.life.counts
            self._kills += lived.life.killed_at
        if lived.life is None or time.monotonic() - self._saved_at > SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Write the section of the results, and print where it stands."""
        self._saved_at = time.monotonic()
        values: dict[str, Any] = {
            "lives": self.lives,
            "steps_per_life": self._steps,
            "cpu_seconds": round(self._seconds),
        }
        values |= {"failed": self.failed}
        counts = {"steps": dict(sorted(self._counts.items())), "kills": dict(sorted(self._kills.items()))}
        write_results(self._name, values | counts)
        sys.stdout.write(f"{self.lives:,} lives, {self._kills.total():,} kills, {self._seconds:,.0f} CPU s\n")
        sys.stdout.flush()


def live_all(kind: str, lives: int, steps: int, hours: float, workers: int, *, restart: bool, keep_going: bool) -> int:
    """Live the lives that are left, and record progress every minute. Stops at the first that fails, or goes on.

    A life that failed is recorded and not lived again, but by `--seed` and `--restart`.
    """
    name = KINDS[kind].section
    section = {} if restart else read_results().get(name, {})
    progress = Progress(name, section if section.get("steps_per_life") == steps else {}, steps)
    with temporary_folder() as folder:
        for lived in Lives(workers, steps, folder, kind).live(progress.lives, lives, hours * 3600):
            progress.add(lived)
            if lived.life is None:
                again = f"again: python -m tools.soak --world {kind} --seed {lived.seed} --steps {steps}"
                sys.stdout.write(f"{lived.failure}\n{again}\n")
                if not keep_going:
                    return 1
    progress.save()
    return 1 if progress.failed else 0


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder for lakes, in memory where there is enough of it; it is deleted at the end."""
    is_free = MEMORY_FOLDER.is_dir() and shutil.disk_usage(MEMORY_FOLDER).free > MEMORY_BYTES
    with tempfile.TemporaryDirectory(prefix="soak", dir=MEMORY_FOLDER if is_free else None) as folder:
        yield Path(folder)


_templates: Templates = {}


def _start(folder: Path, kind: str) -> None:
    """Prepare a process for lives: temporary folders lie in `folder`."""
    tempfile.tempdir = str(folder)
    _templates.update(KINDS[kind].make_templates(Path(tempfile.mkdtemp(prefix="templates"))))


def _live(seed: int, steps: int, kind: str) -> Lived:
    began = time.process_time()
    try:
        life, failure = KINDS[kind].simulate(seed, steps, _templates), ""
    except SoakError as error:
        life, failure = None, str(error)
    return Lived(seed, life, failure, time.process_time() - began)
