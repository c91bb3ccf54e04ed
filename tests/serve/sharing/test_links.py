import base64

import pytest

from shoplake.serve.sharing.links import FileLink, InvalidLinkError, LinkSigner

LINK = FileLink("gold.sales_daily", 3, "part-0.parquet", "key-1", 1_900)


def signer(now=1_000.0, secret=b"secret"):
    return LinkSigner(secret, 900, lambda: now)


def test_a_link_is_read_back():
    assert signer().read(signer().sign(LINK)) == LINK
    assert signer().expiry() == 1_900


@pytest.mark.parametrize("at", [*range(0, 100, 9), -1])
def test_a_link_of_which_one_character_is_altered_is_refused(at):
    token = signer().sign(LINK)
    altered = token[:at] + ("A" if token[at] != "A" else "B") + (token[at + 1 :] if at >= 0 else "")

    with pytest.raises(InvalidLinkError, match="not one that this server gave out"):
        signer().read(altered)


def test_a_digest_does_not_fit_the_body_of_another_table():
    data = base64.urlsafe_b64decode(signer().sign(LINK) + "==")
    forged = base64.urlsafe_b64encode(data.replace(b"gold.sales_daily", b"silver.customers")).decode()

    with pytest.raises(InvalidLinkError, match="not one"):
        signer().read(forged.rstrip("="))


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 43, "../../etc/passwd"])
def test_what_is_no_link_is_refused(token):
    with pytest.raises(InvalidLinkError, match="not one"):
        signer().read(token)


def test_an_expired_link_and_one_of_another_secret_are_refused():
    with pytest.raises(InvalidLinkError, match="expired"):
        signer(now=1_900).read(signer().sign(LINK))
    with pytest.raises(InvalidLinkError, match="not one"):
        signer(secret=b"other").read(signer().sign(LINK))
