"""`python -m tools.soak` lives lives of lakes, and goes on where it stopped; others do as they say."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.engine import stop_servers
from shoplake.errors import ShoplakeError
from tools.soak.bit_rot import Flip, rot_of_small_lake
from tools.soak.commands import COMMANDS, make_scene
from tools.soak.kill_sweep import check_kill, uninterrupted
from tools.soak.lives import live_all, temporary_folder
from tools.soak.power_cuts import CUTS, END, check_cut
from tools.soak.results import read_results, write_results
from tools.soak.simulation import SoakError, simulate
from tools.soak.tables import FAMILIES
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

HUNDRED = 100
SPARK_FAMILIES = ("prices",)
"""A command takes Spark a minute where Sail needs a second: bronze and a history alone."""


def main(arguments: list[str]) -> int:
    """Return 1 where a life or a flip failed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["lives", "kills", "power-cuts", "bit-rot"], default="lives")
    parser.add_argument("--lives", type=int, default=10_000, help="how many seeds, from 0")
    parser.add_argument("--steps", type=int, default=30, help="steps of each life")
    parser.add_argument("--flips", type=int, default=10_000)
    parser.add_argument("--only", nargs="+", choices=COMMANDS, help="these commands alone; others keep results")
    parser.add_argument("--every", type=int, default=1, help="only each n-th crash point of a command")
    parser.add_argument("--engine", choices=["sail", "spark"], default="sail", help="what kills are done on")
    parser.add_argument("--seed", type=int, help="live this one life only")
    parser.add_argument("--restart", action="store_true", help="begin with seed 0")
    parser.add_argument("--keep-going", action="store_true", help="go on after a life that fails")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many lives side by side")
    parser.add_argument("--hours", type=float, default=1e9, help="stop after so many hours; the next call goes on")
    given = parser.parse_args(arguments)
    if given.what == "bit-rot":
        return flip_bits(given.flips, given.hours)
    if given.what == "kills":
        return kill_commands(given.only or COMMANDS, given.every, given.engine)
    if given.what == "power-cuts":
        return cut_commands(given.only or COMMANDS, given.every)
    if given.seed is not None:
        return 0 if live_one(given.seed, given.steps) else 1
    goes = {"restart": given.restart, "keep_going": given.keep_going}
    return live_all(given.lives, given.steps, given.hours, given.workers, **goes)


def live_one(seed: int, steps: int) -> bool:
    """Live one life and print its steps; return whether the lake was what the model says."""
    try:
        life = simulate(seed, steps)
    except SoakError as error:
        sys.stdout.write(f"{error}\n")
        return False
    sys.stdout.write("\n".join(life.steps) + "\n")
    return True


def kill_commands(names: Iterable[str], every: int, engine: str = "sail") -> int:
    """Kill commands at each n-th of their crash points, and record how often; 1 where a repetition does not mend it.

    On Spark they have a local server of their own, which ends with them.
    """
    if engine == "sail":
        return _sweep("kill_sweep", names, every, {"kills": check_kill}, ())
    with server_of_its_own():
        return _sweep("kill_sweep_spark", names, every, {"kills": check_kill}, (), engine)


@contextmanager
def server_of_its_own() -> Iterator[None]:
    """Let the local Spark server inside `with` be one that no other process uses, and stop it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto")
        try:
            yield
        finally:
            stop_servers()


def cut_commands(names: Iterable[str], every: int) -> int:
    """Cut the power at each n-th crash point of commands and after them, and record how often; 1 where one fails."""
    return _sweep("power_cuts", names, every, {cut: partial(check_cut, cut=cut) for cut in CUTS}, (END,))


def _sweep(
    section: str,
    names: Iterable[str],
    every: int,
    checks: Mapping[str, Callable[..., None]],
    more: tuple[str, ...],
    engine: str = "sail",
) -> int:
    """Do each check at each n-th crash point of each command, and at `more` points; record the counts by command."""
    commands: dict[str, dict[str, int]] = read_results().get(section, {}).get("commands", {})
    with temporary_folder() as folder:
        scene = make_scene(folder / "scene", engine, tuple(FAMILIES) if engine == "sail" else SPARK_FAMILIES)
        for name in names:
            whole = uninterrupted(scene, name, folder / name.replace(" ", "_"))
            chosen = (*whole.points[::every], *more)
            for point, (check_name, check) in product(chosen, checks.items()):
                try:
                    check(scene, name, point, whole=whole, folder=folder / check_name)
                except (DifferenceError, ShoplakeError) as error:
                    sys.stdout.write(f"{name}, {point}, {check_name}: {error}\n")
                    return 1
                shutil.rmtree(folder / check_name)
            commands[name] = {check: len(chosen) for check in checks} | {"points": len(whole.points)}
            write_results(section, {"commands": dict(sorted(commands.items()))})
            sys.stdout.write(f"{name}: {len(chosen)} × {', '.join(checks)} at {len(whole.points)} crash points\n")
            sys.stdout.flush()
    return 0


def flip_bits(flips: int, hours: float) -> int:
    """Flip bits of a small lake's files, and record the outcomes; 1 where one was neither named nor harmless.

    They are recorded after each hundred, of which each has a seed of its own.
    """
    counts, unnoticed, end = Counter[str](), list[Flip](), time.monotonic() + hours * 3600
    with tempfile.TemporaryDirectory() as folder:
        rot = rot_of_small_lake(Path(folder))
        for seed in range(-(-flips // HUNDRED)):
            some, silent = rot.count(HUNDRED, random.Random(seed))
            counts, unnoticed = counts + some, unnoticed + silent
            write_results("bit_rot", {"flips": counts.total(), "outcomes": dict(sorted(counts.items()))})
            if time.monotonic() > end:
                break
    for flip in unnoticed:
        sys.stdout.write(f"{flip}\n")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
