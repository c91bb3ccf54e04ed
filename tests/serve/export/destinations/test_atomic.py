import os
import socket

import pytest

from shoplake.serve.export.destinations import atomic
from shoplake.serve.export.destinations.atomic import part_path, publish, remove, remove_leftovers

NO_PROCESS = 2**22 + 1
"""Above the greatest process id of Linux."""


def folder(path, text):
    path.mkdir()
    (path / "file").write_text(text)
    return path


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_folder_takes_the_place_of_another(tmp_path, monkeypatch, can_exchange):
    if not can_exchange:
        monkeypatch.setattr(atomic, "_exchange", lambda *_: False)
    target = folder(tmp_path / "out", "old")

    publish(folder(part_path(target), "new"), target)

    assert (target / "file").read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_takes_the_place_of_another(tmp_path):
    target, part = tmp_path / "out", part_path(tmp_path / "out")
    target.write_text("old")
    part.write_text("new")

    publish(part, target)

    assert target.read_text() == "new" and list(tmp_path.iterdir()) == [target]


def test_leftovers_of_ended_processes_are_removed_and_those_of_others_stay(tmp_path):
    target, host = tmp_path / "o[u]t", socket.gethostname()
    names = [f".o[u]t.{host}-{NO_PROCESS}.part", f".o[u]t.{host}-{NO_PROCESS}.part.wal"]
    others = [f".o[u]t.{host}-{os.getppid()}.part", f".o[u]t.elsewhere-{NO_PROCESS}.part", ".other.part"]
    for name in (*names, *others):
        (tmp_path / name).touch()

    remove_leftovers(target)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)


def test_a_leftover_with_the_number_of_this_process_is_removed(tmp_path):
    target = tmp_path / "out"
    folder(part_path(target), "of an earlier process")

    remove_leftovers(target)

    assert list(tmp_path.iterdir()) == []


def test_a_link_is_removed_and_its_folder_stays(tmp_path):
    (tmp_path / "link").symlink_to(folder(tmp_path / "out", "mine"))

    remove(tmp_path / "link")

    assert [path.name for path in tmp_path.iterdir()] == ["out"]
