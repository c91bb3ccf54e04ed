"""A reader of Prometheus' text format, as strict as promtool about names, labels and types."""

from __future__ import annotations

import re

LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.e+-]+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"')
ESCAPED = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}


def parse(text):
    """The value of each sample, by name and labels; AssertionError for what is no such text."""
    samples, described = {}, set()
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# "):
            word, name, rest = line[2:].split(" ", 2)
            assert word in ("HELP", "TYPE") and rest
            assert word == "HELP" or rest == "gauge"
            described.add((word, name))
            continue
        match = LINE.fullmatch(line)
        assert match, line
        labels = {
            name: re.sub(r"\\.", lambda each: ESCAPED[each[0]], value) for name, value in LABEL.findall(match[2] or "")
        }
        key = (match[1], tuple(sorted(labels.items())))
        assert {("HELP", match[1]), ("TYPE", match[1])} <= described and key not in samples, line
        samples[key] = float(match[3])
    return samples


def unescape(value):
    return re.sub(r"\\.", lambda each: ESCAPED[each[0]], value)
