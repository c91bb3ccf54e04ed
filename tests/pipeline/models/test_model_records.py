from dataclasses import replace

import pytest

from shoplake.ml.model_errors import TrainingError
from shoplake.pipeline.models.fingerprint import hash_features
from shoplake.pipeline.models.model_records import has_changed_features
from shoplake.transforms.features.churn_features import days_since_last_order

OWN = replace(days_since_last_order, name="own")


def test_a_feature_that_is_not_declared_any_more_is_named(trained):
    row = trained.registry.version("churn", 1)

    with pytest.raises(TrainingError, match="trained with shoe_size: no such feature is declared now"):
        has_changed_features(trained.lake, row | {"features": [*row["features"], "shoe_size"]})


def test_a_feature_that_the_model_does_not_know_changes_nothing(trained):
    row = trained.registry.version("churn", 1)

    assert not has_changed_features(replace(trained.lake, own=(OWN,)), row)


def test_a_feature_with_another_definition_is_noticed(trained):
    before, after = (replace(trained.lake, own=(own,)) for own in (OWN, replace(OWN, window=30)))
    row = trained.registry.version("churn", 1)
    row |= {"features": list(before.names), "features_hash": hash_features(before.features)}

    assert not has_changed_features(before, row)
    assert has_changed_features(after, row)
