import pytest

RENAMED_OPTIONS = [
    ("run", "--full", "--full-refresh"),
    ("run", "--from=2026-03-01", "--start"),
    ("run", "--to", "--end"),
    ("run", "--only", "--select"),
    ("run", "--every", "--interval"),
    ("stream", "--every", "--interval"),
    ("stream", "--late", "--allowed-lateness"),
    ("generate", "--dirt", "--error-rate"),
]


@pytest.mark.parametrize(("command", "old", "new"), RENAMED_OPTIONS)
def test_a_renamed_option_is_wrong_usage_with_its_new_name(shoplake, command, old, new):
    result = shoplake(command, old)
    assert (result.exit_code, result.stderr) == (2, f"Error: {old.partition('=')[0]} is now {new}.\n")
    assert f"{old.partition('=')[0]} " not in shoplake(command, "--help").output


@pytest.mark.parametrize(
    ("old", "new"), [("show", "describe"), ("history", "versions"), ("check-source", "verify-source")]
)
def test_a_renamed_command_is_wrong_usage_with_its_new_name(shoplake, old, new):
    result = shoplake(old, "silver.events", "--json")
    assert (result.exit_code, result.stderr) == (2, f"Error: 'shoplake {old}' is now 'shoplake {new}'.\n")
    assert f"\n  {old} " not in shoplake("--help").output


def test_an_unknown_command_is_answered_with_the_nearest(shoplake):
    result = shoplake("tabels")
    assert result.exit_code == 2
    assert result.stderr.endswith("Error: Unknown command 'tabels'. Did you mean 'tables'?\n")


def test_the_list_of_a_group_has_whole_sentences(shoplake):
    output = " ".join(shoplake("quarantine", "--help").output.split())
    assert "Decide that open records of a table do not count: those of RECORD_IDS, or of --reason." in output
    assert "..." not in output.partition("Commands:")[2]


def test_an_unknown_option_stays_unknown(shoplake):
    result = shoplake("run", "--nope")
    assert result.exit_code == 2 and "No such option" in result.stderr


@pytest.fixture
def configured(monkeypatch):
    """The calls that configure logging."""
    log = pytest.importorskip("shoplake.log")
    calls = []
    monkeypatch.setattr(log, "configure_logging", lambda *arguments: calls.append(arguments))
    return calls


@pytest.mark.parametrize(
    ("words", "call"),
    [
        (["--log-level", "debug", "tables"], ("debug", "text")),
        (["tables", "--log-level", "error", "--log-format", "json"], ("error", "json")),
        (["--log-level", "debug", "tables", "--log-level", "error"], ("error", "text")),
        (["--log-format", "json", "maintain", "history", "events"], ("info", "json")),
    ],
)
def test_log_options_are_accepted_before_and_after_the_command(shoplake, configured, tmp_path, words, call):
    shoplake(*words, "--config", tmp_path / "none.toml")
    assert configured == [call]


def test_without_log_options_logging_is_not_configured(shoplake, configured, tmp_path):
    shoplake("tables", "--config", tmp_path / "none.toml")
    assert configured == []


def test_an_unknown_log_level_is_wrong_usage(shoplake):
    assert shoplake("tables", "--log-level", "loud").exit_code == 2
