from shoplake.errors import ShoplakeError
from shoplake.ml.model_errors import ModelFileError, TrainingError, UnknownModelError


def test_an_unknown_version_names_those_that_exist_and_what_to_type():
    error = UnknownModelError("churn", 9, [2, 1])

    assert str(error) == "The model 'churn' has no version 9. Its versions: 1, 2. Train one: shoplake train churn"


def test_errors_of_models_are_errors_that_a_user_can_resolve():
    assert issubclass(TrainingError, ShoplakeError)
    assert "shoplake train churn" in str(ModelFileError("it is torn"))
