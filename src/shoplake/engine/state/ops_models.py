"""Schemas of the `ops` tables about models."""

from __future__ import annotations

from shoplake.declare import col
from shoplake.engine.state.ops_columns import AT, RUN, ops_table

MODELS = ops_table(
    "models",
    "One row per version of a model: where its file is, what it was trained with and what was measured.",
    col("name", "string", "The model, such as churn"),
    col("version", "int", "Its version, from 1", unit="version"),
    col("sha256", "string", "The SHA-256 of its file"),
    col("size", "bigint", "The size of its file", unit="bytes"),
    col("path", "string", "Its file in the lake"),
    col("seed", "bigint", "The seed of everything that is random", unit="dimensionless"),
    col("features", "string", "The names of its features in their order, as JSON"),
    col("features_hash", "string", "The hash of the declarations of its features"),
    col("code_hash", "string", "The hash of the code that trained it"),
    col("training_set_hash", "string", "The hash of the rows that it was trained, calibrated and tested with"),
    col("source_versions", "string", "The versions of the tables that these were made of, as JSON"),
    col("library_versions", "string", "The versions of the libraries that trained it, as JSON"),
    col("params", "string", "Calibration, as-of days by split and size, as JSON"),
    col("metrics", "string", "What was measured on the test rows, as JSON"),
    col("parent", "int", "The champion when it was trained; null without", unit="version"),
    RUN,
    AT,
)
MODEL_RUNS = ops_table(
    "model_runs",
    "One row per command that trained, scored, promoted or reproduced a model.",
    RUN,
    col("command", "string", "train, score, promote or reproduce"),
    col("name", "string", "The model"),
    col("version", "int", "Its version", unit="version"),
    col("status", "string", "done, refused or failed"),
    col("note", "string", "What came of it"),
    col("duration_s", "double", "How long it took", unit="s"),
    AT,
)
MODEL_ALIASES = ops_table(
    "model_aliases",
    "One row per decision on the champion of a model; the last that is not refused counts.",
    col("name", "string", "The model"),
    col("alias", "string", "champion"),
    col("version", "int", "The version that was to become it", unit="version"),
    col("status", "string", "promoted, forced or refused"),
    col("reason", "string", "Why"),
    col("comparison", "string", "The figures of the comparison, as JSON"),
    RUN,
    AT,
)
