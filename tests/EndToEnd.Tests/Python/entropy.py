"""The stage entropy, in Python: adds to every sample how evenly the bytes of its image are spread, 0 to 8 bits."""

import collections
import math
import os

import serving


def entropy(data):
    """Shannon's entropy of the bytes, in bits a byte."""
    counts = collections.Counter(data).values()
    return -sum(count / len(data) * math.log2(count / len(data)) for count in counts) if len(data) > 0 else 0.0


def image(row, root):
    """The encoded image: in the row where shards carry images, else a range of a file of the input."""
    if row["ingest.image"] is not None:
        return row["ingest.image"]
    with open(os.path.join(root, row["ingest.container"] or row["ingest.uri"]), "rb") as file:
        file.seek(row["ingest.offset"])
        data = file.read(row["ingest.length"])
    if len(data) < row["ingest.length"]:
        raise ValueError(f"The image {row['ingest.uri']} has {len(data)} bytes; it must have {row['ingest.length']}, as when it was ingested.")
    return data


if __name__ == "__main__":
    manifest = os.path.join(os.path.dirname(os.path.abspath(__file__)), "entropy.stage.json")
    serving.main(manifest, lambda row, root: {"bits": entropy(image(row, root))})
