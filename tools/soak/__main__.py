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
from contextlib import nullcontext
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.errors import ShoplakeError
from tools.soak.bit_rot import Flip, rot_of_small_lake
from tools.soak.commands import COMMANDS, make_scene
from tools.soak.kill_sweep import KilledCommand, sweep, uninterrupted
from tools.soak.lives import KINDS, live_all, temporary_folder
from tools.soak.power_cuts import CUTS, END, check_cut
from tools.soak.results import code_hash, read_results, write_results
from tools.soak.simulation import SoakError
from tools.soak.spark_server import server_of_its_own
from tools.soak.tables import FAMILIES
from tools.soak.world import DifferenceError, World

if TYPE_CHECKING:
    from collections.abc import Iterable

HUNDRED = 100


def main(arguments: list[str]) -> int:
    """Return 1 where a life or a flip failed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["lives", "kills", "power-cuts", "bit-rot"], default="lives")
    parser.add_argument("--world", choices=KINDS, default="small", help="small tables with a model, or a shop's tables")
    parser.add_argument("--lives", type=int, default=10_000, help="how many seeds, from 0")
    parser.add_argument("--steps", type=int, help="steps of each life: 30, of a shop 7")
    parser.add_argument("--flips", type=int, default=10_000)
    parser.add_argument("--only", nargs="+", choices=COMMANDS, help="these commands alone; others keep results")
    parser.add_argument(
        "--every", type=int, default=1, help="only each n-th crash point of a command, or each n-th kill"
    )
    parser.add_argument("--engine", choices=["sail", "spark"], default="sail", help="what kills are done on")
    parser.add_argument("--seed", type=int, help="live this one life only")
    parser.add_argument("--restart", action="store_true", help="begin with seed 0")
    parser.add_argument("--keep-going", action="store_true", help="go on after a life that fails")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many lives side by side")
    parser.add_argument("--hours", type=float, default=1e9, help="stop after so many hours; the next call goes on")
    given = parser.parse_args(arguments)
    steps = given.steps or (30 if given.world == "small" else 7)
    if given.what == "bit-rot":
        return flip_bits(given.flips, given.hours)
    if given.what == "kills":
        return kill_commands(given.only or COMMANDS, given.every, given.engine, given.hours)
    if given.what == "power-cuts":
        return cut_commands(given.only or COMMANDS, given.every)
    if given.seed is not None:
        return 0 if live_one(given.world, given.seed, steps) else 1
    goes = {"restart": given.restart, "keep_going": given.keep_going}
    return live_all(given.world, given.lives, steps, given.hours, given.workers, **goes)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def live_one(kind: str, seed: int, steps: int) -> bool:
    """Live one life and print its steps; return whether the lake was what the model says."""
    try:
        life = KINDS[kind].simulate(seed, steps, {})
    except SoakError as error:
        sys.stdout.write(f"{error}\n")
        return False
    sys.stdout.write("\n".join(life.steps) + "\n")
    return True


def kill_commands(names: Iterable[str], every: int, engine: str, hours: float) -> int:
    """Kill commands each time the disk is another one at a crash point, or each n-th time, and record how often.

    Sail has all families in one lake. On Spark each has a lake of its own: a repetition builds fewer tables. What was
    killed with the same code is left out. Return 1 where a repetition does not mend a kill, after the other commands.
    """
    section, end = "kill_sweep" if engine == "sail" else f"kill_sweep_{engine}", time.monotonic() + hours * 3600
    commands: dict[str, dict[str, Any]] = read_results().get(section, {}).get("commands", {})
    scenes, failed, as_now = dict[str, World](), list[str](), {"every": every, "code": code_hash()}
    lakes = {"": tuple(FAMILIES)} if engine == "sail" else {f" {family}": (family,) for family in FAMILIES}
    with server_of_its_own() if engine == "spark" else nullcontext(), temporary_folder() as folder:
        for name, (lake, families) in product(names, lakes.items()):
            if as_now.items() <= commands.get(swept := f"{name}{lake}", {}).items():
                continue
            if lake not in scenes:
                scenes[lake] = make_scene(folder / f"scene{len(scenes)}", engine, families)
            try:
                counts = sweep(KilledCommand(scenes[lake], name, folder / swept.replace(" ", "_")), every, end)
            except (DifferenceError, ShoplakeError) as error:
                _say(f"{swept}: {error}")
                failed.append(swept)
                continue
            if counts is None:
                break
            commands[swept] = counts | as_now
            write_results(section, {"commands": dict(sorted(commands.items()))})
            _say(f"{swept}: {counts}")
    return 1 if failed else 0


def cut_commands(names: Iterable[str], every: int) -> int:
    """Cut the power at each n-th crash point of commands and after them, and record how often; 1 where one fails."""
    commands: dict[str, dict[str, int]] = read_results().get("power_cuts", {}).get("commands", {})
    with temporary_folder() as folder:
        scene = make_scene(folder / "scene")
        for name in names:
            whole = uninterrupted(scene, name, folder / name.replace(" ", "_"))
            chosen = (*whole.points[::every], END)
            for point, cut in product(chosen, CUTS):
                try:
                    check_cut(scene, name, point, cut, whole, folder / cut)
                except (DifferenceError, ShoplakeError) as error:
                    _say(f"{name}, {point}, {cut}: {error}")
                    return 1
                shutil.rmtree(folder / cut)
            commands[name] = {cut: len(chosen) for cut in CUTS} | {"points": len(whole.points)}
            write_results("power_cuts", {"commands": dict(sorted(commands.items()))})
            _say(f"{name}: {len(chosen)} × {', '.join(CUTS)} at {len(whole.points)} crash points")
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
