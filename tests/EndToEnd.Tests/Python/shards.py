"""Writes and reads shards: Parquet files with a footer that tells what they are. src/Messages/README.md has the contract."""

import os
import secrets
import struct

import parquet
from xxhash import xxh3_128

# The types of a shard's columns, as the footer names them: physical type of Parquet, whether it is text.
TYPES = {
    "string": (parquet.BYTES, True),
    "binary": (parquet.BYTES, False),
    "int32": (parquet.INT32, False),
    "int64": (parquet.INT64, False),
    "float32": (parquet.FLOAT, False),
    "float64": (parquet.DOUBLE, False),
    "bool": (parquet.BOOLEAN, False),
}


def write(path, columns, footer, extra):
    """Writes a shard, whole or not at all; gives its content hash and its bytes.

    Columns are a dict from names to (type, values); the footer is a dict without the prefix, extra one of further keys."""
    described = ",".join(f"{kind}={digest(kind, values)}" for kind, values in columns.values())
    rows = len(next(iter(columns.values()))[1])
    content = content_hash(columns, described, rows)
    keys = {**footer, "schema": 1, "rows": rows, "columns": described, "content": content}
    pairs = {**{f"pipeline.{key}": str(value) for key, value in keys.items()}, **extra}
    table = [(name, *TYPES[kind.rstrip("?")], kind.endswith("?"), stored(values)) for name, (kind, values) in columns.items()]
    size = replace(path, lambda file: parquet.write(file, table, dict(sorted(pairs.items()))))
    return content, size


def footer(path):
    """The footer of a shard, all keys with their prefix; None when there is none, or its end is not whole."""
    try:
        with open(path, "rb") as file:
            return parquet.key_values(parquet.metadata(file))
    except (FileNotFoundError, parquet.Damaged):
        return None


def read(path, wanted):
    """Columns of a shard by name, those of wanted that it has; compared with the digests of the footer."""
    with open(path, "rb") as file:
        meta = parquet.metadata(file)
        described = dict(zip(parquet.names(meta), parquet.key_values(meta)["pipeline.columns"].split(",")))
        columns = parquet.read(file, meta, [name for name in wanted if name in described])
    for name, values in columns.items():
        kind, expected = described[name].split("=")
        if digest(kind, values) != expected:
            raise parquet.Damaged(f"column {name} of {path} is not what its footer says")
    return columns


def replace(path, write_to):
    """Writes a file under a temporary name and renames it, so that it is there whole or not at all; gives its bytes."""
    folder, name = os.path.split(path)
    os.makedirs(folder, exist_ok=True)
    temporary = os.path.join(folder, f".{name}.tmp-{secrets.token_hex(8)}")
    try:
        with open(temporary, "wb") as file:
            write_to(file)
            size = file.tell()
        os.replace(temporary, path)
        return size
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise


def digest(kind, values):
    """Hash of a column: of the hash of its values and of that of its shape, an int32 a cell that may be null or has a length."""
    plain = kind.rstrip("?")
    content, shape = xxh3_128(), xxh3_128()
    for value in stored(values):
        if isinstance(value, bytes):
            content.update(value)
            shape.update(struct.pack("<i", len(value)))
            continue
        if value is not None:
            content.update(struct.pack("<" + {"int32": "i", "int64": "q", "float32": "f", "float64": "d", "bool": "?"}[plain], value))
        if kind != plain or plain in ("string", "binary"):
            shape.update(struct.pack("<i", -1 if value is None else 1))
    return xxh3_128(content.digest() + shape.digest()).hexdigest()


def content_hash(names, described, rows):
    """Hash of the number of rows and of every column's name, type and digest; a name's length is in UTF-16 code units."""
    lines = (f"{len(name.encode('utf-16-le')) // 2}:{name} {column}\n" for name, column in zip(names, described.split(",")))
    return xxh3_128((f"{rows}\n" + "".join(lines)).encode()).hexdigest()


def stored(values):
    return [value.encode() if isinstance(value, str) else value for value in values]
