from shoplake.serve.keys.secret import PREFIX, create_secret, hash_secret, is_well_formed


def test_a_key_has_a_prefix_256_random_bits_and_a_checksum():
    secret = create_secret()

    assert secret.startswith(PREFIX)
    assert len(secret) == len(PREFIX) + 43 + 6
    assert is_well_formed(secret)


def test_two_keys_differ():
    assert len({create_secret() for _ in range(100)}) == 100


def test_a_changed_digit_breaks_the_checksum():
    secret = create_secret()
    other = "a" if secret[20] != "a" else "b"

    assert not is_well_formed(secret[:20] + other + secret[21:])


def test_other_texts_are_no_keys():
    assert [text for text in ("", PREFIX, "sl_live_short", create_secret()[8:]) if is_well_formed(text)] == []


def test_the_hash_is_sha_256():
    assert hash_secret("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
