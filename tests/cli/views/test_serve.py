import io
from types import SimpleNamespace

from rich.console import Console

from shoplake.cli.views.serve import KeysView, NewKeyView, ServerView, StoreView
from shoplake.serve.keys.key_store import Key
from tests.serve.small_lake import STARTED

KEY = Key("key-1", "analyst", "reports", 1_767_225_600, None, None)
POINTER = SimpleNamespace(id="abc", run_id="run-1", as_of=STARTED)


def text_of(view):
    console = Console(file=io.StringIO(), width=120)
    view.render(console)
    return console.file.getvalue()


def test_a_new_key_shows_its_secret_once():
    assert text_of(NewKeyView(KEY, "sl_live_x")).startswith("sl_live_x\nkey-1, role analyst, expires never.")
    assert NewKeyView(KEY, "sl_live_x").to_json()["secret"] == "sl_live_x"


def test_keys_are_listed_with_their_state():
    revoked = Key("key-2", "admin", "", 1_767_225_600, None, 1_767_225_700)

    assert [line.split()[:3] for line in text_of(KeysView([KEY, revoked])).splitlines()[1:]] == [
        ["key-1", "analyst", "active"],
        ["key-2", "admin", "revoked"],
    ]
    assert KeysView([KEY]).to_json()[0]["created_at"] == "2026-01-01T00:00:00Z"


def test_without_keys_the_command_to_create_one_is_printed():
    assert "shoplake keys create" in text_of(KeysView([]))


def test_a_build_is_summed_up():
    written = SimpleNamespace(pointer=POINTER, tables=("gold.a", "gold.b"), documents=3)
    nothing = SimpleNamespace(pointer=POINTER, tables=(), documents=0)

    assert text_of(StoreView(written)) == "Store: 2 tables, 3 documents written, generation abc.\n"
    assert text_of(StoreView(nothing)) == "The store is up to date: generation abc.\n"
    assert StoreView(written).to_json()["documents_written"] == 3


def test_the_server_says_how_to_log_in():
    assert "http://x/login?token=t" in text_of(ServerView("http://x/", "http://x/login?token=t"))
    assert "shoplake keys create" in text_of(ServerView("http://x/", None))
