"""Ingestion as a user submits it: task documents for a real Overlord, and the rows they read.

All give a dict for `overlord.api.submit`; ids are the caller's. Rows are `rows(…)`: one JSON object a line with the
columns `t`, `page`, `user`, `added`; a file of them is read by `local(folder)`, a text by `inline(text)`.
"""

import json

DAY_ROWS = 40
PAGES, USERS = 10, 7


def rows(days=2, per_day=DAY_ROWS, salt=0):
    """Lines of JSON, `per_day` for each day of January 2026."""
    return "\n".join(json.dumps({"t": f"2026-01-{day + 1:02d}T{row % 24:02d}:{row % 60:02d}:00Z", "page": f"page {row % PAGES}",
                                 "user": f"user {(row + salt) % USERS}", "added": day * 1000 + row})
                     for day in range(days) for row in range(per_day))


def inline(text):
    return {"type": "inline", "data": text}


def local(folder, pattern="*.json"):
    """All files of `folder`, which pods see under the same path; an index_parallel task splits them among its sub tasks."""
    return {"type": "local", "baseDir": str(folder), "filter": pattern}


def noop(task_id, milliseconds=100, **context):
    return {"type": "noop", "id": task_id, "runTime": milliseconds, "context": context}


def _data_schema(source, rollup=True):
    return {"dataSource": source, "timestampSpec": {"column": "t", "format": "iso"},
            "dimensionsSpec": {"dimensions": ["page", "user"]},
            "metricsSpec": [{"type": "count", "name": "count"}, {"type": "longSum", "name": "added", "fieldName": "added"}],
            "granularitySpec": {"segmentGranularity": "DAY", "queryGranularity": "HOUR", "rollup": rollup,
                                "intervals": ["2026-01-01/2026-02-01"]}}


def _ingest(kind, task_id, source, inputs, tuning, context):
    return {"type": kind, "id": task_id, "context": context, "spec": {
        "dataSchema": _data_schema(source),
        "ioConfig": {"type": kind, "inputSource": inputs, "inputFormat": {"type": "json"}},
        "tuningConfig": {"type": kind, **tuning}}}


def index(task_id, source, inputs, tuning=None, **context):
    """The simple task: one peon does all."""
    return _ingest("index", task_id, source, inputs, tuning or {}, context)


def index_parallel(task_id, source, inputs, partitions=None, subtasks=2, tuning=None, **context):
    """A supervisor task with sub tasks. `partitions`: a partitionsSpec (dynamic(), hashed(), ranges()).

    It has `subtasks` at a time, with an input file each, and each is a task, so a pod, of its own.
    """
    forced = partitions is not None and partitions["type"] != "dynamic"
    return _ingest("index_parallel", task_id, source, inputs, {
        "maxNumConcurrentSubTasks": subtasks, "forceGuaranteedRollup": forced,
        "splitHintSpec": {"type": "maxSize", "maxNumFiles": 1}, "totalNumMergeTasks": subtasks,
        **({"partitionsSpec": partitions} if partitions else {}), **(tuning or {})}, context)


def dynamic():
    """Sub tasks `single_phase_sub_task`."""
    return {"type": "dynamic"}


def hashed(shards=None):
    """Sub tasks `partial_index_generate`, `partial_index_generic_merge`; `partial_dimension_cardinality` without `shards`."""
    count = {"numShards": shards} if shards else {"targetRowsPerSegment": 20}
    return {"type": "hashed", "partitionDimensions": ["page"], **count}


def ranges():
    """Sub tasks `partial_dimension_distribution`, `partial_range_index_generate`, `partial_index_generic_merge`."""
    # WHY assumeGrouped: else each sub task keeps a filter of 100 million rows, which is more than a small peon's heap.
    return {"type": "range", "partitionDimensions": ["page"], "targetRowsPerSegment": 20, "assumeGrouped": True}


def bad_rows(task_id, source):
    """Must fail: a row that is no JSON, where none may be bad."""
    return index_parallel(task_id, source, inline(rows(1, 3) + "\nno JSON"), tuning={"maxParseExceptions": 0})


def compact(task_id, source, interval="2026-01-01/2026-02-01", **context):
    """Writes all segments of the interval anew, as months."""
    return {"type": "compact", "id": task_id, "dataSource": source, "context": context,
            "ioConfig": {"type": "compact", "inputSpec": {"type": "interval", "interval": interval}},
            "granularitySpec": {"segmentGranularity": "MONTH"}}


def kill(task_id, source, interval="2026-01-01/2026-02-01", **context):
    """Deletes the unused segments of the interval; `unused` makes segments so."""
    return {"type": "kill", "id": task_id, "dataSource": source, "interval": interval, "context": context}
