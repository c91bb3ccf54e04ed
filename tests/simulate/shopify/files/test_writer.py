import json

from shoplake.simulate.shopify import generate


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_equal_arguments_give_equal_bytes_and_another_seed_gives_others(tmp_path):
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        generate(tmp_path / name, orders=60, products=9, customers=9, days=3, seed=seed, error_rate=0.1)

    assert content(tmp_path / "one") == content(tmp_path / "again")
    assert (
        content(tmp_path / "one")["orders/orders-2026-03-01.json"]
        != content(tmp_path / "other")["orders/orders-2026-03-01.json"]
    )


def test_files_and_records_are_those_that_the_ground_truth_names(clean):
    files = {stream: len(list(clean.folder.glob(f"{stream}/*.json"))) for stream in clean.ground_truth["files"]}

    assert files == clean.ground_truth["files"]
    assert {stream: len(clean.lines(stream)) for stream in files} == clean.ground_truth["lines"]
    assert json.loads((clean.folder / "ground_truth.json").read_text()) == clean.ground_truth


def test_a_file_holds_the_bodies_that_changed_on_its_day(clean):
    for file in clean.folder.glob("orders/*.json"):
        days = {json.loads(line)["updated_at"][:10] for line in file.read_text().splitlines()}
        assert days == {file.stem.removeprefix("orders-")}


def test_on_day_receives_the_orders_so_far(tmp_path):
    received = []
    generate(tmp_path, orders=30, products=5, customers=5, days=3, on_day=lambda *each: received.append(each))

    assert received == [(0, 3, 10), (1, 3, 20), (2, 3, 30)]


def test_the_smallest_shop_is_generated(tmp_path):
    ground_truth = generate(tmp_path, orders=1, customers=1, products=1, days=1, error_rate=0.5)

    assert ground_truth["orders"] + ground_truth["test_orders"] == 1
