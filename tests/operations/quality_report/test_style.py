from shoplake.operations.quality_report.style import STYLE


def test_both_colour_schemes_and_narrow_screens_have_rules_and_nothing_is_loaded():
    assert "prefers-color-scheme: dark" in STYLE and "max-width: 40rem" in STYLE
    assert "url(" not in STYLE and "@import" not in STYLE


def test_each_colour_that_is_used_is_declared_for_light_and_dark():
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)")[0], STYLE.split("dark)")[1].split("\n* {")[0]
    used = {part.split(")")[0] for part in STYLE.split("var(")[1:]}

    assert {name for name in used if f"{name}:" not in light or f"{name}:" not in dark} == set()
