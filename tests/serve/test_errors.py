from shoplake.errors import ShoplakeError
from shoplake.serve.errors import AnswerNotFoundError, ExportError


def test_errors_of_answers_and_exports_are_those_that_a_user_can_correct():
    assert all(issubclass(error, ShoplakeError) for error in (AnswerNotFoundError, ExportError))
