"""Verdicts of mutants stand as long as their function has the same code."""

from tools.mutants.mutator import find_mutants
from tools.mutants.verdicts import known_outcomes, recorded_outcomes

TWO = '''
def larger(one: int, other: int = 0) -> bool:
    """Whether one is larger; a docstring is no code."""
    return not one <= other and one + 1 > 0


def smaller(one, other):
    return one < other
'''


def carried(before, after):
    """Return the functions whose verdicts stand after a module changed, with the changes that survived."""
    mutants = find_mutants("m", before)
    outcomes = {mutant: "survived" if mutant.change == "return None" else "killed" for mutant in mutants}
    known = known_outcomes(find_mutants("m", after), recorded_outcomes(mutants, outcomes))
    return {(each.function, each.change, outcome) for each, outcome in known.items() if outcome == "survived"}


def test_the_verdicts_of_a_function_stand_where_it_moved_and_where_its_docstring_changed():
    moved = f"import os\n\n{TWO}".replace("a docstring is no code", "words")

    both = {(name, "return None", "survived") for name in ("larger", "smaller")}
    assert carried(TWO, TWO) == carried(TWO, moved) == both


def test_no_verdict_of_a_function_stands_whose_code_changed():
    assert carried(TWO, TWO.replace("one <= other", "one >= other")) == {("smaller", "return None", "survived")}


def test_a_function_is_recorded_whose_mutants_are_not_all_judged():
    mutants = find_mutants("m", TWO)
    outcomes = {each: "timed out" for each in mutants if each.change == "Lt to LtE"}

    assert known_outcomes(mutants, recorded_outcomes(mutants, outcomes)) == outcomes
