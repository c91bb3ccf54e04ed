import tomllib

import pytest

from shoplake.cli.lab.lesson import find_lab, list_lessons

LESSONS = {lesson.number: lesson for lesson in list_lessons(find_lab())}
MAP = tomllib.loads((find_lab() / "certification.toml").read_text(encoding="utf-8"))
OBJECTIVES_BY_SECTION = {1: 7, 2: 4, 3: 10, 4: 3, 5: 4, 6: 2, 7: 2}
"""How many objectives each section of the exam guide has."""


def test_every_objective_of_the_exam_is_on_the_map():
    numbers = [f"{section}.{at}" for section, count in OBJECTIVES_BY_SECTION.items() for at in range(1, count + 1)]

    assert [objective["number"] for objective in MAP["objective"]] == numbers
    assert [section["number"] for section in MAP["section"]] == list(OBJECTIVES_BY_SECTION)
    assert sum(section["share_percent"] for section in MAP["section"]) == 100


@pytest.mark.parametrize("objective", MAP["objective"], ids=lambda objective: objective["number"])
def test_an_objective_has_a_lesson_and_a_check(objective):
    lessons = [LESSONS[number] for number in objective["lessons"]]

    assert objective["text"]
    assert lessons
    assert objective["check"] in objective["lessons"]
    assert LESSONS[objective["check"]].tagged("check")
    assert all(objective["number"] in lesson.objectives for lesson in lessons)


WORDS = {
    "1.3": ("Dataset[Row]", "getOrCreate", "unpersist", "garbage"),
    "2.1": ("jdbc", "partitionBy", "overwrite"),
    "2.2": ("orc", "append", "ignore"),
    "3.3": ("approx_count_distinct", "summary("),
    "3.7": ("printSchema", "toLocalIterator", "createDataFrame", "orderBy"),
    "3.9": ("sparkContext.broadcast", "accumulator"),
    "5.2": ("availableNow", "processingTime", "outputMode"),
    "5.4": ("dropDuplicates(", "dropDuplicatesWithinWatermark", "withWatermark"),
}
"""What the lessons of some objectives must not leave out."""


@pytest.mark.parametrize(
    "objective", [each for each in MAP["objective"] if each["number"] in WORDS], ids=lambda o: o["number"]
)
def test_the_lessons_of_an_objective_teach_its_terms(objective):
    text = "".join(LESSONS[number].file.read_text(encoding="utf-8") for number in objective["lessons"])

    assert [word for word in WORDS[objective["number"]] if word.lower() not in text.lower()] == []


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_a_lesson_names_the_objectives_that_the_map_gives_it(lesson):
    mapped = {objective["number"] for objective in MAP["objective"] if lesson.number in objective["lessons"]}

    assert set(lesson.objectives) == mapped
