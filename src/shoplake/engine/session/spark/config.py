"""Configuration of a Spark that serves one user on one machine: small shuffles, no UI, UTC, ANSI, Delta, loopback."""

from __future__ import annotations

import os
import re
from pathlib import Path

from shoplake.engine.session import resources
from shoplake.engine.session.spark.install import DELTA, PROVIDED

SESSION = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}
"""Settings of every session, on any server."""
OURS = {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS", "spark.sql.maxMetadataStringLength": "2000"}
"""Further settings of our own sessions: times that every Parquet reader knows, plans that name their tables."""
LEAST_MEMORY, MOST_MEMORY = 1 << 30, 4 << 30
"""Bytes, where no limit is set."""
COLLECTOR = "-XX:+UseParallelGC"
"""G1 collects after each array of a megabyte, and works beside the queries, for which two cores have no time."""
COMPILER = " ".join(
    [
        "-XX:Tier4InvocationThreshold=100000",
        "-XX:Tier4MinInvocationThreshold=20000",
        "-XX:Tier4CompileThreshold=300000",
        "-XX:Tier4BackEdgeThreshold=800000",
        "-XX:+IgnoreUnrecognizedVMOptions",  # of another Java, which then decides itself
    ]
)
"""Java's second compiler takes what runs twenty times as often: else it is a third of the CPU time of a small run."""
JAVA_OPTIONS = ("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "SPARK_SUBMIT_OPTS")
"""Variables with options for Java; with two collectors it does not start."""
HAS_COLLECTOR = re.compile(r"-XX:\+Use\w*GC\b")
LOG_SETTINGS = """\
status = error
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n
logger.server.name = org.apache.spark.sql.connect.service.SparkConnectServer
logger.server.level = info
"""


def settings(folder: Path, jars: Path, memory_bytes: int | None = None) -> list[str]:
    """Return the arguments of `spark-submit` for a server with its files in `folder` and Delta's jars in `jars`."""
    cores = resources.cpu_count()
    java = f"-Duser.timezone=UTC -Dlog4j2.configurationFile={(folder / 'log4j2.properties').as_uri()} {COMPILER}"
    if not any(HAS_COLLECTOR.search(os.environ.get(name, "")) for name in JAVA_OPTIONS):
        java = f"{java} {COLLECTOR}"
    conf = {
        **SESSION,
        **OURS,
        "spark.jars.ivy": str(jars),
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": "0",
        "spark.connect.session.manager.defaultSessionTimeout": "7d",  # of an idle client: a notebook on Monday
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.shuffle.partitions": str(cores),
        "spark.default.parallelism": str(cores),
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": str(cores),
        "spark.sql.sources.parallelPartitionDiscovery.threshold": "10000",  # files of this disk need no job
        "spark.broadcast.blockSize": "256k",  # each stage sends one with its plan: 4m are cleared for a few KB
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.sql.execution.arrow.pythonUDF.columnarInput.enabled": "false",  # in 4.2.0 a UDF over Parquet never ends
    }
    memory = max(memory_bytes, LEAST_MEMORY) if memory_bytes else _default_memory()
    return [
        *("--master", f"local[{cores}]"),
        *("--driver-memory", f"{memory >> 20}m"),
        *("--driver-java-options", java),
        *("--packages", DELTA),
        *("--exclude-packages", ",".join(PROVIDED)),
        *(part for name, value in conf.items() for part in ("--conf", f"{name}={value}")),
    ]


def _default_memory() -> int:
    """Return a quarter of the machine's memory, within bounds."""
    return min(max(resources.total_memory() // 4, LEAST_MEMORY), MOST_MEMORY)
