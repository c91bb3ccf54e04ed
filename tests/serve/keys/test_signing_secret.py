from shoplake.serve.keys.signing_secret import load_signing_secret


def test_the_secret_is_made_once_and_kept(tmp_path):
    path = tmp_path / "below" / "secret"

    assert load_signing_secret(path) == load_signing_secret(path)
    assert len(path.read_bytes()) == 32
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_lakes_have_different_secrets(tmp_path):
    assert load_signing_secret(tmp_path / "one") != load_signing_secret(tmp_path / "two")
