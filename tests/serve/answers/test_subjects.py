from dataclasses import fields
from datetime import date

import pytest

from shoplake.serve.answers.query.parameters import describe_parameters
from shoplake.serve.answers.subjects import OTHER_TABLES, SUBJECTS
from shoplake.serve.errors import AnswerNotFoundError
from tests.serve.answers.small_shop import MemoryGeneration

BY_NAME = {subject.name: subject for subject in SUBJECTS}


@pytest.fixture(scope="module")
def empty():
    return MemoryGeneration()


def test_names_of_subjects_are_unique():
    assert len(BY_NAME) == len(SUBJECTS)


@pytest.mark.parametrize("name", BY_NAME)
def test_each_subject_describes_its_parameters_and_its_columns(name, generation):
    subject = BY_NAME[name]
    named = {"customer": "C3"} if "customer" in {each.name for each in fields(subject.query)} else {}
    answer = subject.answer(generation, subject.query(**named))

    assert all(describe_parameters(subject.query).values()) and answer.meta.definition
    assert answer.meta.table.startswith("gold.") or answer.meta.table in OTHER_TABLES


@pytest.mark.parametrize("name", BY_NAME)
def test_each_subject_answers_of_an_empty_lake(name, empty):
    subject = BY_NAME[name]
    if name == "customer":
        with pytest.raises(AnswerNotFoundError):
            subject.answer(empty, subject.query())
        return

    rows = subject.answer(empty, subject.query()).rows.to_pylist()

    assert not any(row.get("orders") or row.get("sessions") for row in rows)


@pytest.mark.parametrize("more", [{}, {"grain": "total"}, {"compare": "previous"}, {"since": date(2026, 4, 1)}])
@pytest.mark.parametrize("name", ["sales", "visits"])
def test_a_lake_without_days_has_no_periods_but_those_of_a_range(name, more, empty):
    subject, april = BY_NAME[name], {"since": date(2026, 4, 1), "until": date(2026, 4, 2)}

    assert subject.answer(empty, subject.query(**more)).rows.to_pylist() == []
    assert subject.answer(empty, subject.query(**more | april)).rows.num_rows == (1 if "grain" in more else 2)
