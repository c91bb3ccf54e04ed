"""Answers to lesson 25, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_number(customers, secret):
    columns = ("customer_id", "signup_date", "valid_from", "valid_to")
    return customers.select(*columns, F.xxhash64(F.lit(secret), F.col("email")).alias("email_key"))


def wrong_encoding(customers, secret):
    """An encoding is no secret"""
    columns = ("customer_id", "signup_date", "valid_from", "valid_to")
    return customers.select(*columns, F.base64(F.concat(F.lit(secret), F.col("email"))).alias("email_key"))
