import os
import signal
import threading

import pytest

from shoplake.cli.watch.process_restart import STOPPING, Handover, ProcessRestart
from shoplake.cli.watch.stop_signals import StopSignals


@pytest.fixture(autouse=True)
def handlers():
    """The handlers of this process, which a test may leave replaced."""
    before = {number: signal.getsignal(number) for number in STOPPING}
    yield before
    for number, handler in before.items():
        signal.signal(number, handler)


def present():
    return {number: signal.getsignal(number) for number in STOPPING}


@pytest.mark.parametrize("number", STOPPING)
def test_the_first_signal_sets_the_event_and_the_second_interrupts(number, handlers):
    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt), StopSignals(stop) as signals:
        os.kill(os.getpid(), number)
        assert stop.wait(5) and signals.received
        os.kill(os.getpid(), number)
    assert present() == handlers


def test_an_event_that_the_program_sets_is_no_signal():
    stop = threading.Event()
    with StopSignals(stop) as signals:
        stop.set()
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.received


def test_a_process_that_starts_again_receives_signals_until_then(handlers):
    stop = threading.Event()
    with pytest.raises(ProcessRestart), StopSignals(stop) as signals:
        raise ProcessRestart({}, lambda: signals.received, print)
    assert present().keys() == handlers.keys() and present() != handlers

    os.kill(os.getpid(), signal.SIGTERM)

    assert stop.wait(5) and signals.received


@pytest.mark.parametrize("sent", [b"", bytes([signal.SIGTERM])])
def test_a_signal_that_the_process_before_has_received_ends_this_one(sent):
    pipe, writer = os.pipe()
    os.write(writer, sent)
    os.close(writer)
    stop = threading.Event()

    with StopSignals(stop) as signals:
        signals.resume(Handover({}, pipe))

    assert (stop.wait(5 if sent else 0), signals.received) == (bool(sent), bool(sent))
