"""Reads and writes Parquet files as far as shards need it. Where pyarrow or another library can be had, it does the same.

Read are plain columns and fields of structs, nulls included, in the encodings and the compression that shards have; lists are not.
Written is one row group, with one uncompressed PLAIN page a column. Format: apache/parquet-format, parquet.thrift and Encodings.md.
"""

import ctypes
import struct

BOOLEAN, INT32, INT64, FLOAT, DOUBLE, BYTES = 0, 1, 2, 4, 5, 6  # parquet.thrift, Type
FORMATS = {INT32: "i", INT64: "q", FLOAT: "f", DOUBLE: "d"}  # letters of the module struct; little-endian on disk
REQUIRED, OPTIONAL, REPEATED = 0, 1, 2  # FieldRepetitionType
UTF8 = 0  # ConvertedType
UNCOMPRESSED, ZSTD = 0, 6  # CompressionCodec
DATA_PAGE, DICTIONARY_PAGE = 0, 2  # PageType
PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY = 0, 2, 3, 8  # Encoding


class Damaged(Exception):
    """A file is not whole, or holds what cannot be read here; says what was found."""


class Long(int):
    """An integer that Thrift writes as i64."""


def metadata(file):
    """The metadata of an open file: FileMetaData of parquet.thrift, as a dict by field numbers."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 8))
    trailer = file.read(8)
    length = int.from_bytes(trailer[:4], "little")
    if trailer[4:] != b"PAR1" or not 0 < length <= size - 12:
        raise Damaged("it does not end as a Parquet file")
    file.seek(size - 8 - length)
    try:
        return Thrift(file.read(length)).struct()
    except (IndexError, KeyError) as error:
        raise Damaged(f"its metadata cannot be read ({error!r})") from error


def key_values(meta):
    """The key-value pairs of a file's metadata."""
    return {pair[1].decode(): pair.get(2, b"").decode() for pair in meta.get(5, [])}


def names(meta):
    """Names of all columns, in file order; a field of a struct is named struct.field."""
    return [name for name, *_ in leaves(meta)]


def read(file, meta, wanted):
    """Columns by name, each a list of values: None for null, str for text."""
    found = {name: [] for name in wanted}
    for group in meta.get(4, []):
        for (name, kind, is_text, depth), chunk in zip(leaves(meta), group[1]):
            if name in found:
                found[name] += read_chunk(file, chunk[3], name, kind, is_text, depth)
    return found


def write(file, table, pairs):
    """Writes a file. The table has a tuple a column: name, physical type, whether it is text, whether a value may be None, values."""
    file.write(b"PAR1")
    schema, chunks = [{4: b"root", 5: len(table)}], []
    for name, kind, is_text, nullable, values in table:
        element = {1: kind, 3: OPTIONAL if nullable else REQUIRED, 4: name.encode()}
        schema.append({**element, 6: UTF8, 10: {1: {}}} if is_text else element)
        page = encode(kind, [value for value in values if value is not None])
        if nullable:
            present = [value is not None for value in values]
            levels = varint((len(present) + 7) // 8 << 1 | 1) + encode(BOOLEAN, present)  # one bit-packed run
            page = struct.pack("<i", len(levels)) + levels + page
        header = write_struct({1: DATA_PAGE, 2: len(page), 3: len(page), 5: {1: len(values), 2: PLAIN, 3: RLE, 4: RLE}})
        start, size = Long(file.tell()), Long(len(header) + len(page))
        meta = {1: kind, 2: [PLAIN, RLE], 3: [name.encode()], 4: UNCOMPRESSED, 5: Long(len(values)), 6: size, 7: size, 9: start}
        chunks.append({2: start, 3: meta})
        file.write(header + page)
    rows = Long(len(table[0][4]))
    groups = [{1: chunks, 2: Long(sum(chunk[3][7] for chunk in chunks)), 3: rows}] if rows > 0 else []
    meta = {1: 1, 2: schema, 3: rows, 4: groups, 5: [{1: key.encode(), 2: value.encode()} for key, value in pairs.items()]}
    footer = write_struct(meta)
    file.write(footer + struct.pack("<i", len(footer)) + b"PAR1")


def leaves(meta):
    """Of every column: name, physical type, whether it is text, and the definition level of a value; None for lists."""
    elements = iter(meta[2])

    def walk(count, path, depth):
        for _ in range(count):
            element = next(elements)
            here, repetition = [*path, element[4].decode()], element.get(3, REQUIRED)
            deeper = None if depth is None or repetition == REPEATED else depth + (repetition == OPTIONAL)
            if 1 in element:
                yield ".".join(here), element[1], element.get(6) == UTF8 or 1 in element.get(10, {}), deeper
            else:
                yield from walk(element[5], here, deeper)

    return walk(next(elements)[5], [], 0)


def read_chunk(file, meta, name, kind, is_text, depth):
    if depth is None:
        raise Damaged(f"column {name} is a list")
    file.seek(meta.get(11) or meta[9])
    reader, values, dictionary = Thrift(file.read(meta[7])), [], None
    while len(values) < meta[5]:
        header = reader.struct()
        body = unpack(reader.bytes(header[3]), meta[4], header[2])
        if header[1] == DICTIONARY_PAGE:
            dictionary = plain(body, kind, header[7][1])
        elif header[1] == DATA_PAGE:
            values += read_page(body, header[5][2], kind, header[5][1], depth, dictionary)
        else:
            raise Damaged(f"column {name} has a page of type {header[1]}")
    return [value.decode() if is_text and value is not None else value for value in values]


def read_page(body, encoding, kind, count, depth, dictionary):
    levels = [0] * count
    if depth > 0:
        length = 4 + int.from_bytes(body[:4], "little")
        levels, body = runs(body[4:length], depth.bit_length(), count), body[length:]
    present = levels.count(depth)
    if encoding == PLAIN:
        values = iter(plain(body, kind, present))
    elif encoding in (PLAIN_DICTIONARY, RLE_DICTIONARY):
        values = iter([dictionary[index] for index in runs(body[1:], body[0], present)] if present else [])
    else:
        raise Damaged(f"a page has the encoding {encoding}")
    return [next(values) if level == depth else None for level in levels]


def plain(data, kind, count):
    """Encodings.md, Plain."""
    if kind in FORMATS:
        return list(struct.unpack_from(f"<{count}{FORMATS[kind]}", data))
    if kind == BOOLEAN:
        return [data[index // 8] >> index % 8 & 1 == 1 for index in range(count)]
    if kind != BYTES:
        raise Damaged(f"a column has the physical type {kind}")
    values, at = [], 0
    for _ in range(count):
        end = at + 4 + int.from_bytes(data[at : at + 4], "little")
        values.append(data[at + 4 : end])
        at = end
    return values


def encode(kind, values):
    if kind in FORMATS:
        return struct.pack(f"<{len(values)}{FORMATS[kind]}", *values)
    if kind == BOOLEAN:
        bits = sum(bool(value) << index for index, value in enumerate(values))
        return bits.to_bytes((len(values) + 7) // 8, "little")
    return b"".join(struct.pack("<i", len(value)) + value for value in values)


def runs(data, width, count):
    """Encodings.md, Run Length Encoding / Bit-Packing Hybrid."""
    reader, values = Thrift(data), []
    while len(values) < count:
        header = reader.varint()
        length, packed = header >> 1, header & 1
        bits = int.from_bytes(reader.bytes(length * width if packed else (width + 7) // 8), "little")
        values += [bits >> index * width & (1 << width) - 1 for index in range(length * 8)] if packed else [bits] * length
    return values[:count]


def unpack(data, codec, size):
    if codec == UNCOMPRESSED:
        return data
    if codec != ZSTD:
        raise Damaged(f"a column has the compression {codec}")
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_decompress.restype = ctypes.c_size_t
    library.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t] * 2
    target = ctypes.create_string_buffer(size)
    if library.ZSTD_decompress(target, size, data, len(data)) != size:
        raise Damaged("a page cannot be decompressed")
    return target.raw


class Thrift:
    """Reads Thrift's compact protocol: a struct is a dict by field numbers."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def bytes(self, length):
        self.at += length
        return self.data[self.at - length : self.at]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def integer(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def struct(self):
        fields, number = {}, 0
        while (head := self.bytes(1)[0]) != 0:
            number = number + (head >> 4) if head >> 4 else self.integer()
            fields[number] = self.value(head & 15)
        return fields

    def value(self, kind):
        if kind in (1, 2):
            return kind == 1
        if kind in (3, 7):
            return self.bytes(1 if kind == 3 else 8)  # i8 and double, which nothing here looks at
        if kind in (4, 5, 6):
            return self.integer()
        if kind == 8:
            return self.bytes(self.varint())
        if kind in (9, 10):
            head = self.bytes(1)[0]
            count = head >> 4 if head >> 4 < 15 else self.varint()
            return [self.value(head & 15) for _ in range(count)]
        if kind == 12:
            return self.struct()
        raise KeyError(f"type {kind} of Thrift")


def varint(value):
    data = bytearray()
    while value > 127:
        data.append(value & 127 | 128)
        value >>= 7
    return bytes([*data, value])


def write_struct(fields):
    data, last = b"", 0
    for number, value in sorted(fields.items()):
        data += bytes([number - last << 4 | thrift_type(value)]) + write_value(value)
        last = number
    return data + b"\0"


def thrift_type(value):
    return {int: 5, Long: 6, bytes: 8, list: 9, dict: 12}[type(value)]


def write_value(value):
    if isinstance(value, dict):
        return write_struct(value)
    if isinstance(value, bytes):
        return varint(len(value)) + value
    if isinstance(value, list):
        kind = thrift_type(value[0]) if value else thrift_type({})
        head = bytes([len(value) << 4 | kind]) if len(value) < 15 else bytes([0xF0 | kind]) + varint(len(value))
        return head + b"".join(map(write_value, value))
    return varint(value << 1 if value >= 0 else -value * 2 - 1)
