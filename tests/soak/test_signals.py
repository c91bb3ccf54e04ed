"""Lives whose commands are stopped by signals, each in a process of its own."""

import random
import signal
import subprocess

import pytest

from tools.soak import actions
from tools.soak.signals import signals
from tools.soak.signals.signalled_command import SignalledCommand, _Sender
from tools.soak.signals.signals import stop_by_signal
from tools.soak.simulation import Life, simulate_signals
from tools.soak.world import DifferenceError, World


def test_a_command_that_a_signal_stops_is_done_by_the_next_one(tmp_path, templates):
    world = World(tmp_path, ("marks",), templates["marks",])
    world.drop("marks", ['{"id": "a", "at": "2026-03-01T09:00:00Z", "who": "ada", "n": "1"}'])
    step, life = actions.Step("run", lambda: world.lake.run(), command=("run",)), Life(0, ["run"])

    stop_by_signal(world, step, Chosen(signal.SIGTERM), 1, life)

    assert life.steps == ["run SIGTERM, 0.0 s after point 1: exit 143"]
    step.act()
    world.model.ingest(world.model.waiting)
    world.check()


class Chosen(random.Random):
    """Chooses one signal, without a second one, in the thread that reaches the point."""

    def __init__(self, number):
        super().__init__(1)
        self.number = number

    def random(self):
        return 0.5

    def choice(self, some):
        return self.number if self.number in some else some[0]


@pytest.mark.parametrize(
    ("code", "error", "problem"),
    [(1, "Error: a table", "ended with 1"), (130, "Traceback (most", "ended with 130"), (-9, "", "ended with -9")],
)
def test_a_command_that_ends_otherwise_than_a_stopped_one_is_named(tmp_path, monkeypatch, code, error, problem):
    world = World(tmp_path, ("marks",))
    monkeypatch.setattr(signals, "_run", lambda *_: subprocess.CompletedProcess([], code, "", error))

    with pytest.raises(DifferenceError, match=problem):
        stop_by_signal(world, actions.run(world, random.Random(1)), random.Random(1), 40, Life(0, ["run"]))


def test_a_mark_that_a_stopped_run_leaves_is_named(tmp_path, monkeypatch):
    world = World(tmp_path, ("marks",))
    world.path.mkdir()
    (world.path / "_run.json").write_text("{}")
    monkeypatch.setattr(signals, "_run", lambda *_: subprocess.CompletedProcess([], 0, "", ""))

    with pytest.raises(DifferenceError, match="the mark of its run is left"):
        stop_by_signal(world, actions.run(world, random.Random(1)), random.Random(1), 40, Life(0, ["run"]))


def test_signals_come_at_the_point_that_is_meant_and_once(monkeypatch):
    sent = []
    monkeypatch.setattr("os.kill", lambda process, number: sent.append(number))
    sender = _Sender(SignalledCommand(("run",), lambda: None, (2, 2), 2, 0.0, False))

    counts = [(sender.reach("before_append"), len(sent))[1] for _ in range(3)]

    assert counts == [0, 2, 2]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 6])
def test_a_life_with_signals_goes_as_the_model_says(seed):
    assert len(simulate_signals(seed, 8).steps) == 8
