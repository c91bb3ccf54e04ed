"""What became of mutants, recorded function by function: a verdict stands as long as its function has the same code.

Elsewhere in the module, and in its docstring, anything may change.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.mutants.mutator import Mutant

LETTERS = {"killed": "k", "timed out": "t", "crashed": "c", "survived": "s", "unreachable": "u"}
"""One letter for each outcome. One that no process can have is unreachable."""
NOT_JUDGED = "-"


def known_outcomes(mutants: Sequence[Mutant], recorded: Mapping[str, str]) -> dict[Mutant, str]:
    """Return the outcomes of the mutants that were judged when their function had the code of now."""
    outcomes = {letter: outcome for outcome, letter in LETTERS.items()}
    found = {}
    for mutant in mutants:
        code, _, letters = recorded.get(mutant.place, "").partition(" ")
        if code == mutant.code and letters[mutant.number] != NOT_JUDGED:
            found[mutant] = outcomes[letters[mutant.number]]
    return found


def recorded_outcomes(mutants: Sequence[Mutant], outcomes: Mapping[Mutant, str]) -> dict[str, str]:
    """Return what is recorded of each function: what its code hashes to, and a letter for each of its mutants."""
    places = {mutant.place for mutant in outcomes}
    groups = groupby([each for each in mutants if each.place in places], key=lambda mutant: (mutant.place, mutant.code))
    return {
        place: f"{code} {''.join(LETTERS[outcomes[each]] if each in outcomes else NOT_JUDGED for each in group)}"
        for (place, code), group in groups
    }
