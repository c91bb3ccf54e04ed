import json

import pytest

from shoplake.errors import LandingError
from shoplake.operations.quarantine.corrections import Correction, FixFile
from shoplake.operations.quarantine.life_cycle import to_fix_line


def written(tmp_path, *lines):
    file = tmp_path / "bad.ndjson"
    file.write_text("\n".join(lines))
    return file


def test_each_line_is_a_correction_and_empty_ones_are_none(tmp_path):
    fix = FixFile.read(
        written(tmp_path, '{"record_id": "a1", "raw": "{}", "reasons": []}', "", '{"record_id": "b2", "raw": "x,y"}')
    )

    assert fix.corrections == (Correction("a1", "{}"), Correction("b2", "x,y"))


def test_a_file_is_named_by_its_content(tmp_path):
    line = json.dumps({"record_id": "a1", "raw": "{}"})
    first = FixFile.read(written(tmp_path, line))
    again = FixFile.read(written(tmp_path, line))
    other = FixFile.read(written(tmp_path, line.replace("{}", "[]")))

    assert first.id == again.id != other.id
    assert first.name == f"_fixes/{first.id}.ndjson"


NO_CORRECTIONS = [
    *("garbage", "[]", '{"raw": "{}"}', '{"record_id": "a1"}', '{"record_id": "a1", "raw": {"id": 1}}'),
    *('{"record_id": "a1", "raw": null}', '{"record_id": "a1", "raw": "\\ud83d"}'),
]


@pytest.mark.parametrize("line", NO_CORRECTIONS)
def test_another_line_is_an_error_that_says_where_and_what_to_do(tmp_path, line):
    with pytest.raises(LandingError, match=r"bad.ndjson, line 2 is no correction.*quarantine export TABLE"):
        FixFile.read(written(tmp_path, '{"record_id": "a1", "raw": "{}"}', line))


def test_two_corrections_of_one_record_are_an_error(tmp_path):
    line = '{"record_id": "a1", "raw": "{}"}'
    with pytest.raises(LandingError, match="corrects the record a1 twice"):
        FixFile.read(written(tmp_path, line, line))


def test_corrections_by_id_are_a_file_that_is_read_back(tmp_path):
    fix = FixFile.of({"b2": "x,ü", "a1": "{}"})
    file = tmp_path / "fix.ndjson"
    file.write_bytes(fix.content)

    assert FixFile.read(file) == fix


def test_a_file_without_corrections_is_an_error(tmp_path):
    with pytest.raises(LandingError, match=r"bad.ndjson has no corrections"):
        FixFile.read(written(tmp_path, "", " "))


@pytest.mark.parametrize(
    "raw", ['a "quoted" cell', "two\nlines\r\n", "a\0b", "\ufeffx", "=1+1", "é😀\u2028", "x" * (1 << 20)]
)
def test_a_text_is_read_back_as_it_was_exported(tmp_path, raw):
    line = to_fix_line({"record_id": "a1", "raw": raw, "reasons": ["r"]})

    assert FixFile.read(written(tmp_path, line)).corrections == (Correction("a1", raw),)


@pytest.mark.parametrize("change", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_what_editors_do_to_a_file_changes_no_correction(tmp_path, change):
    file = tmp_path / "bad.ndjson"
    lines = "".join(to_fix_line({"record_id": id, "raw": "a\nb", "reasons": []}) + "\n" for id in ("a1", "b2"))
    file.write_bytes(change(lines).encode())

    assert FixFile.read(file).corrections == (Correction("a1", "a\nb"), Correction("b2", "a\nb"))
