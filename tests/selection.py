"""Which tests run when, and in which process: what `conftest.py` tells pytest."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

SAMPLE = (
    "tests/cli/demo",
    "tests/docs",
    "tests/feeds",
    "tests/release",
    "tests/reliability/shops/test_currencies.py",
    "tests/reliability/test_journeys.py",
    "tests/serve/dashboard",
    "tests/simulate/realistic/test_lake_over_files.py",
    "tests/tables/gold/sales/test_sales_ties.py",
    "tests/transforms/customers",
)
"""Folders and files whose slow tests are in the sample."""
EACH_MERGE = (
    "tests/benchmarks",
    "tests/cli/commands/lake",
    "tests/cli/commands/quality",
    "tests/cli/views",
    "tests/feeds/segment",
    "tests/feeds/shopify",
    "tests/feeds/woocommerce",
    "tests/lab",
    "tests/lake",
    "tests/operations",
    "tests/pipeline/models",
    "tests/pipeline/test_gated_run.py",
    "tests/pipeline/test_stopped_run.py",
    "tests/reliability/arrivals",
    "tests/reliability/crashes/test_kill.py",
    "tests/reliability/shops",
    "tests/serve/export",
    "tests/serve/sharing",
    "tests/serve/store",
    "tests/simulate",
    "tests/soak/test_bit_rot.py",
    "tests/soak/test_mutant_verdicts.py",
    "tests/soak/test_mutants.py",
    "tests/soak/test_readers.py",
    "tests/tables/gold/attribution",
    "tests/tables/gold/predictions",
    "tests/transforms/anomalies",
)
"""Folders and files of which all but the slow tests are in the sample: `make test` would take more than 5 minutes."""
TOGETHER = ("tests/conformance/", "tests/cli/", "tests/serve/", "tests/lab/")
"""Folders whose tests share what is dear to make: a Spark server, the lake of the commands, a store to serve."""
MODELS, COMMANDS = "tests/ml/", "tests/cli/"
"""Tests of models are in the process of those of commands, some of which train: scikit-learn is slow to import."""


class FileGroups(LoadFileScheduling):
    """A file's tests share their fixtures in one process, and so do those of some folders."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        if file.startswith(MODELS):
            return COMMANDS
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)

    def _pending_of(self, workload: dict[str, dict[str, bool]]) -> int:
        """Count the tests that are not done, after each test: so files that are done are not looked through again."""
        for done in [file for file, tests in workload.items() if all(tests.values())]:
            del workload[done]
        return super()._pending_of(workload)
