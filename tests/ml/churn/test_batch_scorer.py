import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from sample_churn import churn_rows

from shoplake.ml.churn.batch_scorer import BatchScorer, ModelRecord, feature_matrix
from shoplake.ml.churn.training import fit_model
from shoplake.ml.model_errors import ModelFileError
from shoplake.ml.model_file import dump_forest, file_hash


@pytest.fixture(scope="module")
def record():
    model = fit_model(churn_rows(), seed=1, trees=6)
    content = dump_forest(model.forest)
    return ModelRecord(4, content, file_hash(content), model.names, model.calibration.to_dict(), {})


@pytest.fixture(scope="module")
def batch():
    test = churn_rows().part("test")
    columns = {name: pa.array(test.column(name)) for name in test.names[:-1]}
    keys = {"feed": pa.array(["shop"] * len(test.values)), "customer_id": pa.array(test.customers.tolist())}
    days = pa.array([20_000] * len(test.values), pa.int32()).cast(pa.date32())
    own = [f'{{"noise": {value!r}}}' for value in test.column("noise").tolist()]
    return pa.RecordBatch.from_pydict({**keys, "as_of_date": days, **columns, "own_features": own})


def test_scores_in_batches_are_those_of_the_model_and_their_reasons_add_up(record, batch):
    [scored] = BatchScorer(record)(iter([batch]))

    rows = scored.to_pylist()
    expected = record.load().probabilities(churn_rows().part("test").values)
    assert [row["churn_probability"] for row in rows] == pytest.approx(expected.tolist(), abs=1e-12)
    sums = [row["base_probability"] + sum(each["contribution"] for each in row["churn_reasons"]) for row in rows]
    assert sums == pytest.approx(expected.tolist(), abs=1e-9)
    assert {row["model_version"] for row in rows} == {4}


def test_a_scorer_survives_the_way_to_another_process(record, batch):
    scorer = pickle.loads(pickle.dumps(BatchScorer(record)))

    [one], [other] = scorer(iter([batch])), BatchScorer(record)(iter([batch]))

    assert one.equals(other)


def test_a_swapped_file_scores_nothing(record, batch):
    swapped = ModelRecord(5, record.content + b" ", record.sha256, record.names, record.calibration, {})

    with pytest.raises(ModelFileError, match="not the file that was registered"):
        list(BatchScorer(swapped)(iter([batch])))


def test_threads_that_need_a_model_at_the_same_time_load_it_once(record, batch, monkeypatch):
    loads, load = [], ModelRecord.load
    monkeypatch.setattr(ModelRecord, "load", lambda self: loads.append(self) or load(self))
    scorer = BatchScorer(replace(record, version=6))

    with ThreadPoolExecutor(4) as pool:
        scored = list(pool.map(lambda part: next(scorer(iter([part]))), [batch] * 4))

    assert len(loads) == 1
    assert all(each.equals(scored[0]) for each in scored)


def test_a_prepared_model_is_used_by_scorers_that_came_from_another_process(record, batch, monkeypatch):
    scorer = BatchScorer(replace(record, version=7))
    scorer.prepare()

    monkeypatch.setattr(ModelRecord, "load", lambda self: pytest.fail("the model is loaded again"))

    assert next(pickle.loads(pickle.dumps(scorer))(iter([batch]))).num_rows == batch.num_rows


def test_scoring_is_imported_without_the_libraries_of_training():
    code = "import sys, shoplake.pipeline.models.scoring; print({'sklearn', 'skops', 'scipy'} & sys.modules.keys())"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


def test_a_batch_without_rows_gives_none(record, batch):
    assert list(BatchScorer(record)(iter([batch.slice(0, 0)]))) == []


def test_features_of_the_project_come_from_the_json_column(batch):
    values = feature_matrix(batch, ("order_days", "noise", "unknown"), {"unknown": -1.0})

    test = churn_rows().part("test")
    assert np.array_equal(values[:, :2], test.select(["order_days", "noise"]))
    assert (values[:, 2] == -1).all()
