# %% [markdown]
# # The data: a simulated shop
#
# The lessons need a shop whose true numbers are known. This notebook makes one, step by step, and looks at what it
# wrote. It writes into a scratch folder; the lessons' own shop stays as it is.

# %% [markdown]
# ## Step 1: choose the shop
#
# `SHOP` in `support.py` has the arguments of the lessons' shop. Equal arguments give equal bytes on every machine, so
# all learners have the same numbers. `error_rate` is the share of faulty records that is added.

# %%
import json
from datetime import date

from support import SHOP, open_shop

from shoplake.simulate import generate

shop = open_shop()
print(SHOP)

# %% [markdown]
# ## Step 2: write the files
#
# `generate` writes the files day by day and returns the ground truth. Try other numbers: a million events take some
# seconds. On the command line it is `shoplake generate --landing landing --events 100000`.

# %%
landing = shop.scratch("data_generator")
truth = generate(
    landing,
    events=2_000,
    customers=100,
    products=40,
    days=5,
    error_rate=0.05,
    starts_on=date(2026, 3, 6),
    timezone="America/New_York",
    currency="USD",
)
for file in sorted(landing.rglob("*.*"))[:12]:
    print(file.relative_to(landing), file.stat().st_size, "bytes")

# %% [markdown]
# ## Step 3: look at a record of each kind
#
# An event is a line of JSON. An order is one, too, with an array of lines and one of payments.

# %%
for stream in ("events", "orders"):
    first = sorted((landing / stream).glob("*.json"))[0].read_text().splitlines()[0]
    print(json.dumps(json.loads(first), indent=1)[:600], "\n")

# %% [markdown]
# ## Step 4: read the ground truth
#
# It says what a correct pipeline computes from these files, whatever their faults. Faults are counted by stream and
# kind: copies within a file, copies in another file, copies that differ, cut lines, missing fields, wrong types, events
# that arrive late.

# %%
for name in ("orders", "gross_sales", "visitors", "faults"):
    print(name, truth[name])
assert truth["lines"]["events"] > truth["events"]

# %% [markdown]
# ## Step 5: go on
#
# `ELT.py` turns such files into tables. Lesson 00 asks what is in the folder.
