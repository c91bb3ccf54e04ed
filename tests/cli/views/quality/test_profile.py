import io
from datetime import date

from rich.console import Console

from shoplake.cli.views.quality.profile import ProfileView
from shoplake.declare import not_negative
from shoplake.quality.profile.column_profile import ColumnProfile
from shoplake.quality.profile.proposals import Proposal, TableProfile

COLUMN = ColumnProfile("device", "string", 3, 2, "desktop", "mobile", {"mobile": 5, "desktop": 1})
PROPOSALS = (
    Proposal('not_negative("price")', "90 rows; held on the days after 2026-03-09", not_negative("price")),
    Proposal('unique("feed", "event_id")', "100 rows", unique=("feed", "event_id")),
)
PROFILE = TableProfile("silver.events", 1_000, (COLUMN,), date(2026, 3, 9), PROPOSALS)


def rendered(view):
    console = Console(file=io.StringIO(), width=100)
    view.render(console)
    return console.file.getvalue()


def test_each_column_is_a_line():
    output = rendered(ProfileView(PROFILE, False))

    assert "silver.events: 1,000 rows" in output
    assert "device string     3       ~2 desktop mobile" in output
    assert "extend(" not in output


def test_proposals_are_printed_as_code_that_declares_them():
    output = rendered(ProfileView(PROFILE, True))
    code = output[output.index("from ") :]

    exec(compile(code, "rules.py", "exec"), declared := {})  # the proposals as a project's rules
    assert declared["silver_events_rules"].table == "silver.events"
    assert (
        '    expectations=[\n        not_negative("price"),  # 90 rows; held on the days after 2026-03-09\n    ],'
        in code
    )
    assert '    gates=[\n        unique("feed", "event_id"),  # 100 rows\n    ],' in code


def test_without_a_proposal_it_says_so():
    assert "No rule is proposed" in rendered(ProfileView(TableProfile("silver.events", 0, ()), True))


def test_the_json_has_columns_and_code():
    found = ProfileView(PROFILE, True).to_json()

    assert (found["rows"], found["learnt_until"], found["proposals"][1]["code"]) == (
        1_000,
        "2026-03-09",
        'unique("feed", "event_id")',
    )
    assert found["columns"][0]["values"] == {"mobile": 5, "desktop": 1}
