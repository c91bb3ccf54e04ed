import pytest

from shoplake.serve.export.destinations.connection_url import ConnectionUrl


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("postgresql://ann:s3cret@db:5432/shop", "postgresql://ann:***@db:5432/shop"),
        ("postgresql://ann@db/shop", "postgresql://ann@db/shop"),
        ("postgresql://db/shop", "postgresql://db/shop"),
        ("postgresql://ann:s3/c#r?e@t@db/shop", "postgresql://ann:***@db/shop"),
        (
            "postgresql://db/shop?user=ann&password=s3cret&sslmode=require",
            "postgresql://db/shop?user=ann&password=***&sslmode=require",
        ),
    ],
)
def test_no_text_of_a_url_has_its_password(url, label):
    parsed = ConnectionUrl(url)

    assert (parsed.label, str(parsed), repr(parsed)) == (label, label, f"ConnectionUrl({label!r})")
    assert parsed.value == url


@pytest.mark.parametrize("shown", ["s%3Fcret", "s?cret", "postgresql://ann:s%3Fcret@db/shop"])
def test_passwords_in_errors_of_the_driver_are_masked_as_typed_and_decoded(shown):
    text = ConnectionUrl("postgresql://ann:s%3Fcret@db/shop").mask(f"failed: {shown}.")

    assert "cret" not in text and "***" in text
