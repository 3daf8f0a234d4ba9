"""One batch of a stage: its rows, and the files in which its outcome lies. src/Messages/README.md has the contract."""

import datetime
import json
import os
import socket
import time
import traceback

import shards
from xxhash import xxh3_128

KEYS = ("sample_id", "variant_id")


class Batch:
    """What a stage does with one BatchReady message."""

    def __init__(self, output, submission, manifest, stage, message):
        """The run's directory, what was submitted, the manifest of the kind, the name of the stage, and the message."""
        self.output, self.submission, self.manifest, self.stage, self.message = output, submission, manifest, stage, message
        self.started = time.monotonic()
        self.rows_in = -1
        plans = read_json(f"{output}/plans.json")
        self.newest = plans["newest"]
        version = min(max(message["version"], plans["oldest"]), plans["newest"])
        self.definition = plans["plans"][str(version)].get(stage)

    @property
    def is_superseded(self):
        """Whether the stage does not follow the sender, under the version of the message: then another message brings the batch."""
        return self.definition is None or self.message["shards"][-1]["stage"] not in self.definition["after"]

    @property
    def fingerprint(self):
        """Changes when equal rows may give other output: with kind, version, options, seed and artifacts; so it would with a model's file."""
        artifacts = [read_json(f"{self.output}/artifacts/{name}.json")["content"] for name in self.manifest["needs"]]
        parts = [self.manifest["name"], self.manifest["version"], self.definition["options"], self.submission["seed"], artifacts]
        return xxh3_128(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def expected(self):
        """What the footer of a valid shard says."""
        return {
            "stage": self.stage,
            "batch": self.message["batch"],
            "fingerprint": self.fingerprint,
            "seed": self.submission["seed"],
            "parents": ",".join(f"{shard['stage']}={shard['content']}" for shard in self.parents),
        }

    @property
    def parents(self):
        """The shards on which the rows depend: those that are read, and the last one."""
        read = {name.split(".")[0] for name in self.manifest["reads"]}
        before = [shard for shard in self.message["shards"][:-1] if shard["stage"] in read]
        return [*before, self.message["shards"][-1]]

    def standing(self):
        """The record of a failure that is not to be tried again: it was given up, or the run was opened again for other batches."""
        record = read_json(self.path(".failed.json"))
        if record is None:
            return None
        claim = read_json(f"{self.output}/replays/{self.stage}/{self.message['batch']:08}.{record['attempts']}.json")
        stands = claim["dropped"] if claim else self.submission.get("keepsFailed", False)
        return record if stands else None

    def find(self):
        """The message about the valid shard of an earlier delivery; None where there is none."""
        footer = shards.footer(self.path(".parquet")) or {}
        if any(footer.get(f"pipeline.{key}") != str(value) for key, value in {"schema": 1, **self.expected}.items()):
            return None
        counts = int(footer["rows_in"]), int(footer["quarantined"])
        return self.ready(footer["pipeline.content"], int(footer["pipeline.rows"]), *counts, reused=True)

    def do(self, work):
        """Does the work, row by row; writes quarantine, shard and log, and gives the message about them.

        The work is given a row and the folder of the input, and gives the added columns. A ValueError is the row's own fault."""
        done, aside = [], []
        rows = self.rows()
        self.rows_in = len(rows)
        for row in rows:
            try:
                done.append({**row, **work(row, self.submission["inputRoot"])})
            except (ValueError, FileNotFoundError) as error:
                aside.append(self.quarantined(row, error))
        remove(self.path(".failed.json"))
        if aside:
            write_json(self.quarantine, aside)
        else:
            remove(self.quarantine)
        columns = {name: (kind, [row[name] for row in done]) for name, kind in self.manifest["adds"].items()}
        counts = {"rows_in": str(len(rows)), "quarantined": str(len(aside))}
        content, size = shards.write(self.path(".parquet"), columns, {**self.expected, "call_size": 0}, counts)
        log = {"stage": self.stage, "batch": self.message["batch"], "version": self.message["version"], "rows": len(done), "bytes": size}
        write_json(self.path(".log.json"), {**log, "seconds": round(time.monotonic() - self.started, 4), "at": now()})
        return self.ready(content, len(done), len(rows), len(aside), reused=False)

    def fail(self, error, attempts):
        """Takes the other outcomes away and writes the record of a failure; gives it."""
        remove(self.path(".parquet"))
        remove(self.quarantine)
        before = read_json(self.path(".failed.json"))
        record = {
            "stage": self.stage,
            "batch": self.message["batch"],
            "error": type(error).__name__,
            "message": str(error) if attempts == 0 else f"{error} (tried {attempts + 1} times)",
            "stack": "".join(traceback.format_tb(error.__traceback__)),
            "rowsIn": self.rows_in,
            "fingerprint": self.fingerprint,
            "attempts": before["attempts"] + 1 if before else 1,
            "first": before["first"] if before else now(),
            "last": now(),
            "host": socket.gethostname(),
            "options": self.definition["options"],
            "given": self.message,
        }
        write_json(self.path(".failed.json"), record)
        return record

    def rows(self):
        """The rows of the last shard, joined to those of the other shards that are read: a dict from the keys and stage.column to values.

        A sample that any stage before has set aside has no row."""
        wanted = {shard["stage"]: list(KEYS) for shard in self.parents}
        for name in self.manifest["reads"]:
            wanted[name.split(".")[0]].append(name.split(".")[1])
        tables = {shard["stage"]: shards.read(f"{self.output}/{shard['uri']}", wanted[shard["stage"]]) for shard in self.parents}
        last = tables[self.parents[-1]["stage"]]
        indices = {}
        for stage, table in tables.items():
            key = "variant_id" if "variant_id" in last and "variant_id" in table else "sample_id"
            indices[stage] = key, {value: index for index, value in enumerate(table[key])}
        rows = []
        for at in range(len(last["sample_id"])):
            places = {stage: index.get(last[key][at]) for stage, (key, index) in indices.items()}
            if None not in places.values():
                keys = {key: last[key][at] for key in KEYS if key in last}
                rows.append({**keys, **{name: cell(tables, places, name) for name in self.manifest["reads"]}})
        return rows

    def ready(self, content, rows, rows_in, quarantined, reused):
        """The message: that of the batch, with its version, and one shard more."""
        uri = f"runs/{self.message['run']}/{self.stage}/{self.message['batch']:08}.parquet"
        shard = {"stage": self.stage, "uri": uri, "content": content, "rows": rows}
        added = {"shards": [*self.message["shards"], shard], "rowsIn": rows_in, "quarantined": quarantined, "newest": self.newest, "reused": reused}
        return {**self.message, "stage": self.stage, **added}

    def quarantined(self, row, error):
        ids = {"sampleId": row["sample_id"], "variantId": row.get("variant_id"), "stage": self.stage, "batch": self.message["batch"]}
        return {**ids, "kind": type(error).__name__, "message": str(error), "uri": row.get("ingest.uri")}

    @property
    def quarantine(self):
        return f"{self.output}/quarantine/{self.stage}/{self.message['batch']:08}.json"

    def path(self, ending):
        return f"{self.output}/runs/{self.message['run']}/{self.stage}/{self.message['batch']:08}{ending}"


def cell(tables, places, name):
    stage, column = name.split(".")
    return tables[stage][column][places[stage]]


def read_json(path):
    """None when the file is not there."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def write_json(path, value):
    shards.replace(path, lambda file: file.write(json.dumps(value, indent=2).encode()))


def remove(path):
    if os.path.exists(path):
        os.remove(path)


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()
