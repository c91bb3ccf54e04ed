"""Answers to lesson 09, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_doubles(lines, payments):
    in_doubles = [rows.withColumn("amount", F.col("amount").cast("double")) for rows in (lines, payments)]
    return solution(*in_doubles)
