"""What OpenLineage requires of a run event and of the facets that are sent, as JSON schemas of our own words.

From https://openlineage.io/spec/2-0-2/OpenLineage.json and the facets of `https://openlineage.io/spec/facets`.
"""

from __future__ import annotations

from jsonschema import Draft202012Validator

TEXT, COUNT = {"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0}
TIME = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$"}
ID = {"type": "string", "format": "uuid", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
URI = {"type": "string", "format": "uri", "pattern": "^https://"}


def record(required, **properties):
    return {"type": "object", "required": required, "properties": properties}


def facet(required, **properties):
    base = {"_producer": URI, "_schemaURL": URI}
    return record([*base, *required], **base, **properties)


RUN, JOB = record(["runId"], runId=ID), record(["namespace", "name"], namespace=TEXT, name=TEXT)
SCHEMA = facet(["fields"], fields={"type": "array", "items": record(["name"], name=TEXT, type=TEXT, description=TEXT)})
NULLS = {"type": "object", "additionalProperties": record([], nullCount=COUNT)}
METRICS = facet(["columnMetrics"], rowCount=COUNT, bytes=COUNT, fileCount=COUNT, columnMetrics=NULLS)
ASSERTION = record(["assertion", "success"], assertion=TEXT, success={"type": "boolean"})
ASSERTIONS = facet(["assertions"], assertions={"type": "array", "items": ASSERTION})
STATISTICS = facet(["rowCount"], rowCount=COUNT, size=COUNT)
PARENT = facet(["run", "job"], run=RUN, job=JOB)
ERROR = facet(["message", "programmingLanguage"], message=TEXT, programmingLanguage=TEXT)


def only(**facets):
    """Facets of these names alone: others would not be checked."""
    return {"type": "object", "properties": facets, "additionalProperties": False}


def dataset(**facets):
    kinds = {"facets": only(schema=SCHEMA, dataQualityMetrics=METRICS)} | facets
    return record(["namespace", "name"], namespace=TEXT, name=TEXT, **kinds)


INPUTS = {"type": "array", "items": dataset(inputFacets=only(dataQualityAssertions=ASSERTIONS))}
OUTPUTS = {"type": "array", "items": dataset(outputFacets=only(outputStatistics=STATISTICS))}
EVENT = record(
    ["run", "job", "eventTime", "producer", "schemaURL"],
    eventType={"enum": ["START", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
    eventTime=TIME,
    run=RUN | {"properties": {"runId": ID, "facets": only(parent=PARENT, errorMessage=ERROR)}},
    job=JOB,
    inputs=INPUTS,
    outputs=OUTPUTS,
    producer=URI,
    schemaURL=URI,
)
VALIDATOR = Draft202012Validator(EVENT)


def problems(events):
    """What is wrong with events: those that are not as required, and runs without exactly one start and one end."""
    found = [f"{event['job']['name']}: {error.message}" for event in events for error in VALIDATOR.iter_errors(event)]
    states = {}
    for event in events:
        states.setdefault((event["run"]["runId"], event["job"]["name"]), []).append(event["eventType"])
    wrong = [f"{job}: {each}" for (_, job), each in states.items() if each[0] != "START" or len(each) != 2]
    return found + wrong
