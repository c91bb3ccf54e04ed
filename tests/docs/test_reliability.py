from tools.docs.reliability import reliability_page
from tools.soak.results import code_hash, read_results, write_results

SOAK = {"lives": 1200, "steps_per_life": 30, "cpu_seconds": 5400, "failed": [7], "recorded_on": "2026-03-01"}
SOAK |= {"steps": {"run": 9_000}, "kills": {"before_commit": 3, "after_commit": 4}}
COUNTS = {
    "mutants": 52,
    "killed": 18,
    "timed out": 1,
    "survived": 3,
    "unreachable": 2,
    "survivors": ["a.py:1 f: Eq to NotEq", "a.py:2 f: 0 to 1", "a.py:3 f: 0 to 1"],
}
MUTANTS = {
    "recorded_on": "2026-03-01",
    "targets": {"pipeline/planner": COUNTS},
    "reasons": {"a.py:1 f: Eq to NotEq": "log", "a.py:2 f: 0 to 1": "equal: a name"},
}


def test_a_page_without_results_says_so_in_each_section():
    assert reliability_page({}).count("No results yet.") == 11


def test_lives_have_their_number_failures_kills_and_hours():
    page = reliability_page({"soak": SOAK})

    for cells in (
        "1,200 × 30 steps",
        "| seeds that failed | 7 |",
        "7 at 2 crash points",
        "| 1.50 |",
        "| run | 9,000 |",
    ):
        assert cells in page


def test_lives_of_a_shop_have_a_section_of_their_own():
    page = reliability_page({"soak_shop": SOAK | {"lives": 33}})

    assert "33 × 30 steps" in page.partition("## Lives of a shop")[2]


def test_mutants_have_the_share_that_was_noticed_and_survivors_their_reason():
    page = reliability_page({"mutants": MUTANTS})

    assert "| `pipeline/planner` | 52 | 22 | 19 | 1 | 90% |" in page
    assert (
        "| `a.py:1 f: Eq to NotEq` | log |" in page
        and "| `a.py:3 f: 0 to 1` | no test that it met notices it |" in page
    )


def test_each_mutant_that_survives_has_a_reason_and_no_other_one_has():
    mutants = read_results()["mutants"]

    survivors = {name for counts in mutants["targets"].values() for name in counts["survivors"]}
    assert survivors == {*mutants["reasons"]}


def test_flips_are_counted_by_kind_of_file_and_outcome():
    flips = {"flips": 12, "outcomes": {"data, named": 9, "log, harmless": 3}, "recorded_on": "2026-03-01"}

    assert "| data | named | 9 |\n| log | harmless | 3 |" in reliability_page({"bit_rot": flips})


def test_kills_are_counted_by_command():
    run = {"points": 50, "times": 1234, "disks": 61, "kills": 31}
    commands = {"run": run, "clone": {"points": 6, "times": 66, "disks": 34, "kills": 34}}
    page = reliability_page({"kill_sweep": {"commands": commands, "recorded_on": "2026-03-01"}})

    assert "| `run` | 50 | 1,234 | 61 | 31 |" in page
    assert "65 kills; crash points were reached 1,300 times." in page


def test_power_cuts_are_counted_by_command_and_kind():
    commands = {"run": {"lost": 51, "torn": 50, "points": 50}, "apply": {"lost": 9, "torn": 9, "points": 26}}
    page = reliability_page({"power_cuts": {"commands": commands, "recorded_on": "2026-03-01"}})

    assert "| `run` | 51 | 50 | 50 |" in page and "119 cuts" in page


def test_a_section_of_the_results_is_replaced_alone(tmp_path):
    file = tmp_path / "results.json"
    write_results("soak", {"lives": 1}, file)
    write_results("bit_rot", {"flips": 2}, file)
    write_results("soak", {"lives": 3}, file)

    assert {name: {**section, "recorded_on": ""} for name, section in read_results(file).items()} == {
        "soak": {"lives": 3, "recorded_on": ""},
        "bit_rot": {"flips": 2, "recorded_on": ""},
    }


def test_the_hash_of_code_is_another_one_where_a_file_has_another_text_or_name(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("A = 1")
    first = code_hash(tmp_path)
    file.write_text("A = 2")
    second = code_hash(tmp_path)
    file.rename(tmp_path / "b.py")

    assert len({first, second, code_hash(tmp_path)}) == 3
