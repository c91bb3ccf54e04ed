from tests.settings.sample_settings import SHOP, refused


def test_the_address_of_mlflow_is_a_setting_and_is_not_shown(loaded):
    settings = loaded(f'[models]\nmlflow = "http://ann:secret@host:5000"\n{SHOP}')

    assert loaded(SHOP).mlflow is None
    assert settings.mlflow == "http://ann:secret@host:5000"
    assert "secret" not in repr(settings)


def test_models_are_trained_by_runs_only_where_days_are_named(loaded):
    assert loaded(SHOP).retrain_days is None
    assert loaded(f'[models]\nretrain = "30 days"\n{SHOP}').retrain_days == 30
    assert "models.retrain = 'monthly' is no number of days" in refused(
        loaded, f'[models]\nretrain = "monthly"\n{SHOP}'
    )
