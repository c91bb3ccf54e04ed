"""The text format of Prometheus, written to a file that a collector may read at any moment."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.engine import crash_points, rename_durably

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LEFTOVER_AFTER_S = 60
"""Seconds after which nobody is writing a hidden file any more."""
ESCAPES = {"\\": "\\\\", "\n": "\\n", '"': '\\"'}


@dataclass(frozen=True)
class Metric:
    """A gauge with its unit in its name, and its values by labels."""

    name: str
    help: str
    samples: tuple[tuple[Mapping[str, str], float], ...]


def render_metrics(metrics: Iterable[Metric]) -> str:
    """Return metrics as text, in the order given; one without samples is left out."""
    lines = []
    for metric in metrics:
        if metric.samples:
            lines += [f"# HELP {metric.name} {_escaped(metric.help, with_quotes=False)}", f"# TYPE {metric.name} gauge"]
            lines += [f"{metric.name}{_labels(labels)} {_number(value)}" for labels, value in metric.samples]
    return "".join(f"{line}\n" for line in lines)


def write_metrics(path: Path, text: str) -> None:
    """Replace the file whole: a reader sees the old text or the new, also after a power cut. Raises OSError.

    What a process that was killed has left beside it is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for hidden in path.parent.glob(f".{escape(path.name)}.*.tmp"):
        if time.time() - hidden.stat().st_mtime > LEFTOVER_AFTER_S:
            hidden.unlink(missing_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")  # collectors read *.prom alone
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        partial.unlink(missing_ok=True)  # a full disk leaves a part of it
        raise
    _publish(partial, path)


@crash_points("publish_metrics")
def _publish(partial: Path, path: Path) -> None:
    rename_durably(partial, path)


def _labels(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(text: str, *, with_quotes: bool = True) -> str:
    return "".join(ESCAPES.get(each, each) if with_quotes or each != '"' else each for each in text)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
