from dataclasses import replace

from sample_churn import churn_rows

from shoplake.pipeline.models.fingerprint import hash_code, hash_features, hash_rows, library_versions
from shoplake.transforms.features.churn_features import CHURN_FEATURES


def test_another_value_or_outcome_or_order_is_another_training_set():
    rows = churn_rows()
    altered = [rows.values.copy(), rows.values[::-1]]
    altered[0][5, 1] += 1e-9

    hashes = {hash_rows(replace(rows, values=each)) for each in (rows.values, *altered)}
    hashes.add(hash_rows(replace(rows, is_churned=1 - rows.is_churned)))

    assert len(hashes) == 4
    assert hash_rows(rows) in hashes


def test_another_window_is_another_set_of_features():
    changed = replace(CHURN_FEATURES[4], window=91)

    assert hash_features(CHURN_FEATURES) != hash_features([*CHURN_FEATURES[:4], changed, *CHURN_FEATURES[5:]])
    assert hash_features(CHURN_FEATURES) == hash_features(list(CHURN_FEATURES))


def test_code_and_libraries_are_named():
    assert len(hash_code()) == 64
    assert {"scikit-learn", "skops", "numpy"} == library_versions().keys()
