"""Sessions, storage, state, ingestion, queries and writes on Delta tables: the only door to them.

Other packages import from here alone. A name is loaded when it is first used, so that the command line starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from shoplake.engine.exports import MODULES

if TYPE_CHECKING:
    from shoplake.engine.crash_hooks import crash_points as crash_points
    from shoplake.engine.ingest.batch_reader import read_batch as read_batch
    from shoplake.engine.ingest.corrected_records import at_landed_places as at_landed_places
    from shoplake.engine.ingest.file_discovery import Batch as Batch
    from shoplake.engine.ingest.file_discovery import File as File
    from shoplake.engine.ingest.file_discovery import batch_id as batch_id
    from shoplake.engine.ingest.file_discovery import inspect_file as inspect_file
    from shoplake.engine.ingest.file_discovery import list_all_files as list_all_files
    from shoplake.engine.ingest.file_discovery import list_files as list_files
    from shoplake.engine.ingest.file_ingestion import BatchResult as BatchResult
    from shoplake.engine.ingest.file_ingestion import FileIngestion as FileIngestion
    from shoplake.engine.ingest.file_ingestion import FileName as FileName
    from shoplake.engine.ingest.file_registry import FIX_MARKER as FIX_MARKER
    from shoplake.engine.ingest.file_registry import FileRegistry as FileRegistry
    from shoplake.engine.ingest.formats.file_contents import WORKBOOK_HEAD as WORKBOOK_HEAD
    from shoplake.engine.ingest.formats.file_contents import is_workbook as is_workbook
    from shoplake.engine.ingest.formats.raw_records import MISREAD as MISREAD
    from shoplake.engine.ingest.record_reader import RECORDS as RECORDS
    from shoplake.engine.ingest.record_reader import read_file as read_file
    from shoplake.engine.ingest.record_reader import stream_from_json as stream_from_json
    from shoplake.engine.ingest.record_reader import stream_to_json as stream_to_json
    from shoplake.engine.ingest.record_reader import text_problem as text_problem
    from shoplake.engine.ingest.schema_drift import unknown_fields as unknown_fields
    from shoplake.engine.ingest.sketch.field_names import read_field_names as read_field_names
    from shoplake.engine.ingest.sketch.foreign_files import describe_foreign as describe_foreign
    from shoplake.engine.ingest.sketch.stream_sketch import sketch_streams as sketch_streams
    from shoplake.engine.protocol import ChangeReader as ChangeReader
    from shoplake.engine.protocol import DefinitionEngine as DefinitionEngine
    from shoplake.engine.protocol import PipelineEngine as PipelineEngine
    from shoplake.engine.protocol import StateReader as StateReader
    from shoplake.engine.protocol import TableReader as TableReader
    from shoplake.engine.protocol import TableWriter as TableWriter
    from shoplake.engine.protocol import ViolationSample as ViolationSample
    from shoplake.engine.protocol import WriteResult as WriteResult
    from shoplake.engine.query.dataframe import LakeFrame as LakeFrame
    from shoplake.engine.query.dataframe import explain_plan as explain_plan
    from shoplake.engine.query.lake_query import run_query as run_query
    from shoplake.engine.query.query_error import to_query_error as to_query_error
    from shoplake.engine.query.sql import qualify_tables as qualify_tables
    from shoplake.engine.query.sql import referenced_tables as referenced_tables
    from shoplake.engine.query.sql import referenced_versions as referenced_versions
    from shoplake.engine.runtime import EngineRuntime as EngineRuntime
    from shoplake.engine.session.capabilities import SAIL as SAIL
    from shoplake.engine.session.capabilities import SPARK as SPARK
    from shoplake.engine.session.capabilities import EngineCapabilities as EngineCapabilities
    from shoplake.engine.session.capabilities import writer as writer
    from shoplake.engine.session.error_mapping import to_shoplake_error as to_shoplake_error
    from shoplake.engine.session.error_mapping import translate_errors as translate_errors
    from shoplake.engine.session.resources import cpu_count as cpu_count
    from shoplake.engine.session.resources import query_memory as query_memory
    from shoplake.engine.session.resources import release_freed_memory as release_freed_memory
    from shoplake.engine.session.resources import resident_memory as resident_memory
    from shoplake.engine.session.resources import total_memory as total_memory
    from shoplake.engine.session.spark.connection import set_retry_policy as set_retry_policy
    from shoplake.engine.session.spark.server import Server as Server
    from shoplake.engine.session.spark.server import list_servers as list_servers
    from shoplake.engine.session.spark.server import running_server as running_server
    from shoplake.engine.session.spark.server import stop_servers as stop_servers
    from shoplake.engine.session.stalled_queries import QueryStalledError as QueryStalledError
    from shoplake.engine.state.checksums import ChecksumWriter as ChecksumWriter
    from shoplake.engine.state.ops_models import MODEL_ALIASES as MODEL_ALIASES
    from shoplake.engine.state.ops_models import MODEL_RUNS as MODEL_RUNS
    from shoplake.engine.state.ops_models import MODELS as MODELS
    from shoplake.engine.state.ops_tables import AUDIT as AUDIT
    from shoplake.engine.state.ops_tables import CHECKSUMS as CHECKSUMS
    from shoplake.engine.state.ops_tables import DECISIONS as DECISIONS
    from shoplake.engine.state.ops_tables import DEFINITIONS as DEFINITIONS
    from shoplake.engine.state.ops_tables import FILES as FILES
    from shoplake.engine.state.ops_tables import GATES as GATES
    from shoplake.engine.state.ops_tables import METRICS as METRICS
    from shoplake.engine.state.ops_tables import OFFSETS as OFFSETS
    from shoplake.engine.state.ops_tables import OPS as OPS
    from shoplake.engine.state.ops_tables import QUALITY as QUALITY
    from shoplake.engine.state.ops_tables import SCHEMA_CHANGES as SCHEMA_CHANGES
    from shoplake.engine.state.ops_tables import TABLE_RUNS as TABLE_RUNS
    from shoplake.engine.state.ops_upkeep import COSTS as COSTS
    from shoplake.engine.state.ops_upkeep import ERRORS as ERRORS
    from shoplake.engine.state.ops_upkeep import EXPIRATIONS as EXPIRATIONS
    from shoplake.engine.state.ops_upkeep import INCIDENTS as INCIDENTS
    from shoplake.engine.state.ops_upkeep import MAINTENANCE as MAINTENANCE
    from shoplake.engine.state.ops_upkeep import OUTBOX as OUTBOX
    from shoplake.engine.state.state_store import DECISIONS_MARKER as DECISIONS_MARKER
    from shoplake.engine.state.state_store import MAINTAINED_MARKER as MAINTAINED_MARKER
    from shoplake.engine.state.state_store import RESULTS_MARKER as RESULTS_MARKER
    from shoplake.engine.state.state_store import RUN_MARKER as RUN_MARKER
    from shoplake.engine.state.state_store import Offset as Offset
    from shoplake.engine.state.state_store import StateStore as StateStore
    from shoplake.engine.state.state_store import recorded_since as recorded_since
    from shoplake.engine.state.state_store import to_micros as to_micros
    from shoplake.engine.storage.catalog.address import is_in_catalog as is_in_catalog
    from shoplake.engine.storage.commit_diff import EXPIRED as EXPIRED
    from shoplake.engine.storage.delta_log import arrow_schema as arrow_schema
    from shoplake.engine.storage.delta_log import create_if_missing as create_if_missing
    from shoplake.engine.storage.durability.damaged_tail import FOLDER as FOLDER
    from shoplake.engine.storage.durability.damaged_tail import move_aside as move_aside
    from shoplake.engine.storage.durability.damaged_tail import move_aside_tails as move_aside_tails
    from shoplake.engine.storage.durability.damaged_tail import recovered_lease as recovered_lease
    from shoplake.engine.storage.durability.durable_heads import begin_repair as begin_repair
    from shoplake.engine.storage.durability.durable_heads import end_repair as end_repair
    from shoplake.engine.storage.durability.durable_heads import load_heads as load_heads
    from shoplake.engine.storage.durability.durable_heads import mark_durable as mark_durable
    from shoplake.engine.storage.durability.head_check import Severity as Severity
    from shoplake.engine.storage.durability.head_check import check_heads as check_heads
    from shoplake.engine.storage.durability.head_check import find_damage as find_damage
    from shoplake.engine.storage.durability.salvage import read_whole as read_whole
    from shoplake.engine.storage.durability.salvage import readable_rows as readable_rows
    from shoplake.engine.storage.durability.sync import rename_durably as rename_durably
    from shoplake.engine.storage.durability.sync import write_whole as write_whole
    from shoplake.engine.storage.durability.written_files import find_altered as find_altered
    from shoplake.engine.storage.filesystem import filesystem_for as filesystem_for
    from shoplake.engine.storage.filesystem import is_remote as is_remote
    from shoplake.engine.storage.filesystem import remove_file as remove_file
    from shoplake.engine.storage.integrity import Problem as Problem
    from shoplake.engine.storage.integrity import sha256 as sha256
    from shoplake.engine.storage.integrity import table_problems as table_problems
    from shoplake.engine.storage.lake_format import check_format as check_format
    from shoplake.engine.storage.lake_format import write_format as write_format
    from shoplake.engine.storage.locks.lease import Lease as Lease
    from shoplake.engine.storage.locks.writer_lock import WriterLock as WriterLock
    from shoplake.engine.storage.log_statistics import uncounted_columns as uncounted_columns
    from shoplake.engine.storage.table_cache import load_table as load_table
    from shoplake.engine.storage.table_log import check_readable as check_readable
    from shoplake.engine.storage.table_log import commit_times as commit_times
    from shoplake.engine.storage.table_log import diff_commits as diff_commits
    from shoplake.engine.storage.table_log import file_paths as file_paths
    from shoplake.engine.storage.table_log import has_expiry as has_expiry
    from shoplake.engine.storage.table_log import is_readable as is_readable
    from shoplake.engine.storage.table_log import last_commit_at as last_commit_at
    from shoplake.engine.storage.table_log import null_counts as null_counts
    from shoplake.engine.storage.table_log import row_count as row_count
    from shoplake.engine.storage.table_log import scanned_null_counts as scanned_null_counts
    from shoplake.engine.storage.table_log import table_exists as table_exists
    from shoplake.engine.storage.table_log import table_size as table_size
    from shoplake.engine.storage.table_log import table_version as table_version
    from shoplake.engine.storage.trash import empty_trash as empty_trash
    from shoplake.engine.storage.trash import move_to_trash as move_to_trash
    from shoplake.engine.storage.upkeep.clone_files import ClonedFiles as ClonedFiles
    from shoplake.engine.storage.upkeep.clone_files import clone_lake as clone_lake
    from shoplake.engine.storage.upkeep.kept_files import remove_outdated_copy as remove_outdated_copy
    from shoplake.engine.storage.upkeep.past_versions import version_files as version_files
    from shoplake.engine.storage.upkeep.table_files import TableFiles as TableFiles
    from shoplake.engine.storage.upkeep.table_files import clean_log as clean_log
    from shoplake.engine.storage.upkeep.table_files import delete_expired as delete_expired
    from shoplake.engine.storage.upkeep.table_files import scan_table_files as scan_table_files
    from shoplake.engine.storage.upkeep.table_files import unused_files as unused_files
    from shoplake.engine.storage.version_rows import scan_version as scan_version
    from shoplake.engine.storage.version_rows import version_schema as version_schema
    from shoplake.engine.write.delta_engine import DeltaEngine as DeltaEngine
    from shoplake.engine.write.input_changes import InputChanges as InputChanges
    from shoplake.engine.write.input_changes import days_since as days_since
    from shoplake.engine.write.modes.incremental import NOT_BUILT as NOT_BUILT
    from shoplake.engine.write.modes.matching.document_versions import DocumentVersions as DocumentVersions
    from shoplake.engine.write.modes.matching.upsert_match import row_order as row_order
    from shoplake.engine.write.row_diff import MAX_PARTITIONS_PER_QUERY as MAX_PARTITIONS_PER_QUERY
    from shoplake.engine.write.rule_changes import overwrite_differing as overwrite_differing
    from shoplake.engine.write.rule_changes import replay_batches as replay_batches
    from shoplake.engine.write.schema.map_columns import decode_maps as decode_maps
    from shoplake.engine.write.schema.map_columns import encode_maps as encode_maps
    from shoplake.engine.write.schema.map_columns import encoded_type as encoded_type
    from shoplake.engine.write.schema.map_columns import row_hash as row_hash
    from shoplake.engine.write.schema.partition_columns import date_range_columns as date_range_columns
    from shoplake.engine.write.schema.partition_columns import is_list_of_days as is_list_of_days
    from shoplake.engine.write.schema.partition_columns import shared_partition as shared_partition
    from shoplake.engine.write.schema.schema_change import add_columns as add_columns
    from shoplake.engine.write.schema.schema_change import schema_difference as schema_difference
    from shoplake.engine.write.schema.schema_change import stored_columns as stored_columns
    from shoplake.engine.write.schema.schema_change import update_comments as update_comments
    from shoplake.engine.write.schema.schema_check import check_schema as check_schema
    from shoplake.engine.write.shared_inputs import WholeTable as WholeTable
    from shoplake.engine.write.staging.quarantined_rows import quarantine_cells as quarantine_cells
    from shoplake.engine.write.staging.staging_area import remove_leftovers as remove_leftovers
    from shoplake.engine.write.staging.violation_samples import QUARANTINE_WARNING_SHARE as QUARANTINE_WARNING_SHARE
    from shoplake.engine.write.staging.violation_samples import rule_columns as rule_columns
    from shoplake.engine.write.table_location import PathTable as PathTable
    from shoplake.engine.write.table_location import TableLocation as TableLocation
    from shoplake.engine.write.table_plan import Action as Action
    from shoplake.engine.write.table_plan import AllRows as AllRows
    from shoplake.engine.write.table_plan import Batches as Batches
    from shoplake.engine.write.table_plan import FeedPartitions as FeedPartitions
    from shoplake.engine.write.table_plan import FullRefresh as FullRefresh
    from shoplake.engine.write.table_plan import InputRange as InputRange
    from shoplake.engine.write.table_plan import Keys as Keys
    from shoplake.engine.write.table_plan import Partitions as Partitions
    from shoplake.engine.write.table_plan import PendingFiles as PendingFiles
    from shoplake.engine.write.table_plan import Rows as Rows
    from shoplake.engine.write.table_plan import RunPlan as RunPlan
    from shoplake.engine.write.table_plan import RunSelection as RunSelection
    from shoplake.engine.write.table_plan import Sessions as Sessions
    from shoplake.engine.write.table_plan import TablePlan as TablePlan

_MODULE_OF = {name: module for module, names in MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load an exported name from its module."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'shoplake.engine' has no attribute '{name}'")
    value = getattr(import_module(f"shoplake.engine.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the exported names."""
    return sorted(_MODULE_OF)
