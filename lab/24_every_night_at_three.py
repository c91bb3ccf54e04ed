# %% [markdown]
# # 24 Every night at three?
#
# - **Engines:** sail, spark
# - **Minutes:** 35
# - **Exam objectives:** –
# - **You learn:** what a job has that a timetable has not: tasks, dependencies, retries, parameters.

# %% [markdown] tags=["question"]
# ## The question
#
# The report shall be ready at eight. Three steps make it: take in the new files, clean them, add them up. Who starts
# them, in which order, and what happens when one fails?

# %%
import json
import random
import shutil
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from zoneinfo import ZoneInfo

import yaml
from support import open_shop, require, try_answer

from shoplake.deploy.databricks.bundle_source import BundleSource
from shoplake.deploy.databricks.checks.check_bundle import check_bundle
from shoplake.deploy.databricks.write_bundle import write_bundle

shop = open_shop()
files = sorted((shop.landing / "orders").glob("*.json"))
expected = float(shop.truth["gross_sales"])


class Night:
    """A lake of three small steps, as yesterday's run left it; today's file has arrived."""

    def __init__(self, name):
        self.folder = shop.scratch(name)
        self.landing = files[:-1]
        for step in (self.ingest, self.silver, self.gold):
            step()
        self.landing = files

    def ingest(self):
        (self.folder / "bronze").mkdir(exist_ok=True)
        for file in self.landing:
            shutil.copy(file, self.folder / "bronze")

    def silver(self):
        orders = {}
        for file in sorted((self.folder / "bronze").iterdir()):
            for line in file.read_text().splitlines():
                if line.endswith("}"):
                    order = json.loads(line)
                    orders[order["order_id"]] = order
        (self.folder / "silver.json").write_text(json.dumps(list(orders.values())))

    def gold(self):
        orders = json.loads((self.folder / "silver.json").read_text())
        total = sum(line["quantity"] * float(line["unit_price"]) for order in orders for line in order["lines"])
        (self.folder / "gold.json").write_text(json.dumps(round(total, 2)))

    def verify(self):
        assert self.total() > 0

    def total(self):
        """What the report says."""
        return json.loads((self.folder / "gold.json").read_text())


# %% [markdown]
# ## The wrong way: a timetable
#
# Three lines of cron: 03:00, 03:10 and 03:20. It worked for months. Tonight the upload is slow, and the first script
# needs 25 minutes. Its neighbours do not know.

# %% tags=["wrong"]
starts = {"ingest": 0, "silver": 10, "gold": 20}
minutes = {"ingest": 25, "silver": 2, "gold": 1}
night = Night("24-cron")
for step in sorted(starts, key=lambda step: starts[step] + minutes[step]):
    getattr(night, step)()
    print(f"03:{starts[step] + minutes[step]:02} {step} has ended, exit code 0")

# %% [markdown]
# ## The evidence
#
# All three scripts ended well. The total is yesterday's, and no message was sent.

# %% tags=["evidence"]
print(f"The report says {night.total():,.2f}; the shop sold goods for {expected:,.2f}.")
assert night.total() < expected

# %% [markdown]
# ## The right way: a job
#
# A *job* is a graph: tasks, and for each the tasks that it waits for. The schedule starts the graph, not the tasks.
# `shoplake deploy databricks` writes such a job with everything around it, as a *bundle*: files that
# `databricks bundle deploy` brings into a workspace. They can be read without one.

# %% tags=["right"]
project = shop.scratch("24-project")
config = project / "shoplake.toml"
config.write_text(
    'lake = "lake"\n[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "America/New_York"\ncurrency = "USD"\n'
)
source = BundleSource("shop", shop.lake.catalog, shop.lake.settings, config, catalog="shop")
bundle = write_bundle(source, project / "bundle")
print(f"{len(bundle.files)} files, for example {', '.join(bundle.files[2:5])}")

job_file = bundle.folder / "resources" / "daily.job.yml"
job = yaml.safe_load(job_file.read_text())["resources"]["jobs"]["daily"]
for task in job["tasks"]:
    waits_for = [each["task_key"] for each in task.get("depends_on", [])]
    print(f"{task['task_key']:<8} waits for {', '.join(waits_for) or 'nothing'}; retries: {task['max_retries']}")

# %% [markdown]
# What else a job has that a timetable has not:
#
# - a *schedule* in the zone of the shop, in the cron of Quartz, which begins with the seconds. Three o'clock is a good
#   time: in New York, 02:30 is missing on one night of the year, and 01:30 comes twice on another.
# - *one run at a time*, and a queue: a run that is late does not meet the next one.
# - *parameters*, which one may set for a single run: `databricks bundle run daily --params rows=1000`.
# - an e-mail when it *fails*, and one when it is *late*.
# - two *targets*, `dev` and `prod`: in development the schedule is paused, and every name has the developer's.

# %% tags=["right"]
print(job["schedule"]["quartz_cron_expression"], job["schedule"]["timezone_id"])
assert job["schedule"]["timezone_id"] == "America/New_York"
spring, autumn = (datetime(2026, *at, 30, tzinfo=ZoneInfo("America/New_York")) for at in ((3, 8, 2), (11, 1, 1)))
assert spring.astimezone(UTC).astimezone(spring.tzinfo).hour == 3, "02:30 is missing"
assert autumn.utcoffset() != autumn.replace(fold=1).utcoffset(), "01:30 comes twice"
assert job["max_concurrent_runs"] == 1
assert job["email_notifications"]["on_failure"]

# %% [markdown]
# ### Check it before it is deployed
#
# A schema finds an unknown field. It does not find a task that waits for a task that is not there, or a cron that
# starts with the minutes: such a bundle is deployed, and fails at three. `check_bundle` looks for mistakes of this
# kind; the command runs it over what it has written.

# %% tags=["right"]
assert check_bundle(bundle.folder) == []
text = job_file.read_text()
for right, wrong in (
    ("depends_on:\n        - task_key: ingest", "depends_on:\n        - task_key: ingset"),
    ("0 0 3 * * ?", "0 3 * * *"),
):
    assert right in text
    job_file.write_text(text.replace(right, wrong))
    mistakes = check_bundle(bundle.folder)
    print(mistakes[0])
    assert mistakes
job_file.write_text(text)

# %% [markdown]
# ### Run it here
#
# The graph gives the order: a task comes after all that it waits for. On Databricks each task is
# `shoplake run --layer bronze` and so on, from the wheel; here it is a step of the small lake.

# %% tags=["right"]
graph = {task["task_key"]: [each["task_key"] for each in task.get("depends_on", [])] for task in job["tasks"]}
night = Night("24-job")
for step in TopologicalSorter(graph).static_order():
    getattr(night, step)()
print(f"The report says {night.total():,.2f}.")
assert abs(night.total() - expected) < 0.005

# %% [markdown] tags=["question"]
# ## Your turn
#
# Write what runs a job. `answer` gets the tasks of a job, in any order, and a function `run` that runs the task of a
# key and raises an error when it fails. Run each task after those that it waits for; after a failure try again, up to
# `max_retries` times; a task that waits for one that did not succeed is not run. Return the state of each task:
# `succeeded`, `failed` or `skipped`.


# %% tags=["exercise"]
def answer(tasks, run):
    """The state of each task by its key."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(tasks, run):
    """Goes through the graph in order."""
    by_key = {task["task_key"]: task for task in tasks}
    before = {key: [each["task_key"] for each in task.get("depends_on", [])] for key, task in by_key.items()}
    states = {}
    for key in TopologicalSorter(before).static_order():
        if any(states[each] != "succeeded" for each in before[key]):
            states[key] = "skipped"
            continue
        states[key] = "failed"
        for _ in range(1 + by_key[key]["max_retries"]):
            try:
                run(key)
            except Exception:
                continue
            states[key] = "succeeded"
            break
    return states


# %% tags=["mistake"] hint="order of the file"
def mistake_order_of_the_file(tasks, run):
    """Runs the tasks as they are listed."""
    for task in tasks:
        run(task["task_key"])
    return {task["task_key"]: "succeeded" for task in tasks}


# %% tags=["mistake"] hint="although its input failed"
def mistake_goes_on(tasks, run):
    """Runs the tasks that wait for a failed one."""
    states = {}

    def noted(key):
        try:
            run(key)
        except Exception:
            states[key] = "failed"
            raise
        states[key] = "succeeded"

    for key in TopologicalSorter(graph).static_order():
        solution([{"task_key": key, "max_retries": 2}], noted)
    return states


# %% tags=["check"]
def check(answer):
    """Run the daily job with its tasks in any order, then with a task that fails."""
    tasks = list(job["tasks"])
    random.Random(7).shuffle(tasks)
    night = Night("24-check")
    try:
        states = answer(tasks, lambda key: getattr(night, key)())
    except Exception as error:
        if isinstance(error, NotImplementedError):
            raise
        require(False, f"The runner stopped: {error}")
    is_right = abs(night.total() - expected) < 0.005
    require(is_right, "The report lacks today's orders: the tasks ran in the order of the file. Follow depends_on.")
    require(states == dict.fromkeys(graph, "succeeded"), f"All tasks succeeded; you say {states}.")

    night, tries = Night("24-retry"), []

    def fails_twice(key):
        tries.append(key)
        if key == "silver" and tries.count(key) < 3:
            raise ConnectionError("the storage did not answer")
        getattr(night, key)()

    states = answer(tasks, fails_twice)
    require(states["silver"] == "succeeded", "A task that fails twice and has max_retries = 2 succeeds.")

    ran = []

    def silver_fails(key):
        ran.append(key)
        if key == "silver":
            raise ValueError("a column is missing")

    states = answer(tasks, silver_fails)
    require("gold" not in ran, "gold ran although its input failed: the report would be yesterday's, and look new.")
    wanted = {"ingest": "succeeded", "silver": "failed", "gold": "skipped", "verify": "skipped"}
    require(states == wanted, f"The states must be {wanted}; you say {states}.")
    require(ran.count("silver") == 3, "A task with max_retries = 2 is tried three times, and no more.")


try_answer("24", check, answer)
