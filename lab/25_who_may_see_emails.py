# %% [markdown]
# # 25 Who may see e-mails?
#
# - **Engines:** sail, spark
# - **Minutes:** 30
# - **Exam objectives:** –
# - **You learn:** what Unity Catalog governs, and to mask columns so that they stay useful.

# %% [markdown] tags=["question"]
# ## The question
#
# An agency shall count the shop's customers. It needs no names, no e-mails and no telephone numbers. What can it see?

# %%
import base64
import re
from contextlib import suppress

from pyspark.sql import functions as F
from support import open_shop, require, try_answer

shop = open_shop()
customers = shop.table("silver.customers")
EMAIL = r"[^@\s\",]+@[^@\s\",]+[.][a-z]+"

# %% [markdown]
# ## The wrong way: share the folder
#
# A lake is a folder of files. Whoever may read the folder may read every file in it, past and present. A view without
# the column changes nothing: the files are beside it.

# %% tags=["wrong"]
shop.spark.read.parquet(shop.lake.path("silver.customers")).select("customer_id", "email", "phone").show(
    3, truncate=False
)

# %% [markdown]
# ## The evidence
#
# The next cell looks for e-mails in every table of the lake that says it holds personal data, without asking which
# column they ought to be in. The raw records of bronze hold them too, and so does the quarantine: to mask
# `silver.customers` alone is not enough.


# %% tags=["evidence"]
def emails_in(table):
    """The number of rows of a table in which an e-mail can be read."""
    texts = [F.col(name) for name, kind in table.dtypes if kind == "string"]
    return table.where(F.concat_ws(" ", *texts).rlike(EMAIL)).count()


readable = {
    name: emails_in(shop.table(name))
    for name in ("bronze.customers_raw", "silver.customers", "silver.customers_quarantine", "silver.events")
}
for name, count in readable.items():
    print(f"{name:<30} {count:>5} rows with an e-mail")
assert readable["silver.customers"] == shop.truth["customers"]["versions"]
assert readable["bronze.customers_raw"] > readable["silver.customers"]
assert readable["silver.customers_quarantine"] > 0
assert readable["silver.events"] == 0

# %% [markdown]
# ## The right way
#
# ### A catalogue, and grants
#
# In Unity Catalog a table has three names: `catalog.schema.table`. A *managed table* is read through the catalogue
# only, which checks who asks; nobody needs the folder. Files that are no tables, such as the landing folder and
# checkpoints, are in *volumes*: `/Volumes/shop/landing/files`. To read a table one needs three privileges, one on each
# level.
#
# ```sql
# GRANT USE CATALOG ON CATALOG shop TO `agency`;
# GRANT USE SCHEMA ON SCHEMA shop.gold TO `agency`;
# GRANT SELECT ON TABLE shop.gold.sales_daily TO `agency`;
# ```
#
# A grant on a schema holds for all its tables, also for those of tomorrow: grant on `gold`, and never on `bronze`.
# `shoplake deploy databricks` writes catalogue, schemas, volumes and grants; open Spark and Sail have no users, so that
# these statements run on Databricks only. The rule behind them is small enough to be a function.

# %% tags=["right"]
GRANTS = {
    ("USE CATALOG", "shop"),
    ("USE SCHEMA", "shop.gold"),
    ("SELECT", "shop.gold"),
    ("SELECT", "shop.silver.events"),
}


def may_read(grants, table):
    """Whether the grants allow to read `catalog.schema.table`; a privilege is inherited from the levels above."""
    catalog, schema, _ = table.split(".")
    above = (catalog, f"{catalog}.{schema}")
    return (
        ("USE CATALOG", catalog) in grants
        and any(("USE SCHEMA", level) in grants for level in above)
        and any(("SELECT", level) in grants for level in (*above, table))
    )


for name in ("gold.sales_daily", "silver.events", "silver.customers"):
    print(f"{name:<20} {may_read(GRANTS, f'shop.{name}')}")
assert may_read(GRANTS, "shop.gold.sales_daily")
assert not may_read(GRANTS, "shop.silver.events"), "SELECT without USE SCHEMA opens nothing"

# %% [markdown]
# ### Columns know that they are personal
#
# In shoplake a column declares which kind of personal data it holds. From that one word follow the mask on Databricks,
# the columns that an export leaves out, and the values that no log shows.

# %% tags=["right"]
declared = shop.lake.find("silver.customers").columns
personal = {column.name: column.personal for column in declared if column.personal}
print(personal)
shared = customers.drop(*personal)
print(f"{emails_in(shared)} e-mails in the shared columns, {shared.select('customer_id').distinct().count()} customers")
assert emails_in(shared) == 0
assert shared.select("customer_id").distinct().count() == shop.truth["customers"]["ids"]

# %% [markdown]
# ### A mask that keeps a use
#
# Sometimes the value is needed as a key: two records with one e-mail belong together. A *pseudonym* replaces it: equal
# values stay equal, and nobody can go back. A plain hash is none: whoever has a list of e-mails hashes the list and
# compares. The hash needs a secret that the reader does not have.

# %% tags=["right"]
known_emails = customers.select("email").distinct()
hashed = customers.select(F.sha2("email", 256).alias("email_hash"))
found_again = known_emails.join(hashed, F.sha2("email", 256) == F.col("email_hash")).select("email").distinct().count()
print(f"{found_again} of {known_emails.count()} plain hashes were undone with a list of e-mails.")
assert found_again == known_emails.count()

# %% [markdown] tags=["question"]
# ## Your turn
#
# Give the agency all versions of all customers with `customer_id`, `signup_date`, `valid_from`, `valid_to` and a
# pseudonym `email_key`: equal for equal e-mails, different for different ones, and safe against a list of e-mails. You
# get the customers and a secret text.


# %% tags=["exercise"]
def answer(customers, secret):
    """One row per version: customer_id, signup_date, valid_from, valid_to, email_key."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(customers, secret):
    """The secret is a part of what is hashed."""
    key = F.sha2(F.concat_ws("|", F.lit(secret), "email"), 256)
    return customers.select("customer_id", "signup_date", "valid_from", "valid_to", key.alias("email_key"))


# %% tags=["mistake"] hint="list of e-mails"
def mistake_plain_hash(customers, secret):
    """Hashes without the secret."""
    key = F.sha2("email", 256)
    return customers.select("customer_id", "signup_date", "valid_from", "valid_to", key.alias("email_key"))


# %% tags=["mistake"] hint="phone"
def mistake_forgets_the_phone(customers, secret):
    """Replaces the e-mail and leaves the other personal columns."""
    key = F.sha2(F.concat_ws("|", F.lit(secret), "email"), 256)
    return customers.withColumn("email_key", key).drop("email")


# %% tags=["check"]
def decoded(key):
    """What hexadecimal digits or base64 in a key stand for, where that is text."""
    texts = []
    for decode in (bytes.fromhex, base64.b64decode):
        with suppress(ValueError):
            texts.append(decode(key or "").decode())
    return texts


def check(answer):
    """Attack the pseudonyms, and compare the counts with the ground truth."""
    given = answer(customers, "a secret that is in no file")
    left = sorted(set(personal) & set(given.columns))
    require(not left, f"These columns are personal too: {', '.join(left)}.")
    columns = {"customer_id", "signup_date", "valid_from", "valid_to", "email_key"}
    require(set(given.columns) == columns, f"Return the columns {', '.join(sorted(columns))}.")
    is_binary = dict(given.dtypes)["email_key"] == "binary"
    given = given.withColumn("email_key", F.hex("email_key") if is_binary else F.col("email_key").cast("string"))
    versions = shop.truth["customers"]["versions"]
    count, ids = given.select(F.count("*"), F.count_distinct("customer_id")).first()
    require(count == versions, f"There are {count} rows; the shop has {versions} versions of its customers.")
    require(ids == shop.truth["customers"]["ids"], f"There are {ids} customers; the shop has another number.")
    require(emails_in(given.select("email_key")) == 0, "The e-mail can be read in email_key.")
    texts = [text for row in given.select("email_key").distinct().collect() for text in decoded(row["email_key"])]
    require(not any(map(re.compile(EMAIL).search, texts)), "An encoding is no secret: email_key can be decoded. Hash it.")
    mail = F.col("email")
    checksums = [F.crc32(mail).cast("string"), F.xxhash64(mail).cast("string")]
    guesses = F.array(F.sha2(mail, 256), F.sha2(mail, 512), F.sha1(mail), F.md5(mail), *checksums)
    attack = known_emails.select(F.explode(guesses).alias("email_key")).join(given, "email_key", "left_semi")
    require(
        attack.isEmpty(), "Whoever has a list of e-mails can undo this: hash the list, and compare. Use the secret."
    )
    keys = given.select("email_key").distinct().count()
    require(keys == known_emails.count(), f"{known_emails.count()} e-mails have {keys} keys.")
    again = answer(customers, "another secret").select("email_key").join(given, "email_key", "left_semi")
    require(again.isEmpty(), "Another secret must give other keys.")


try_answer("25", check, answer)
