"""
Histograms of latencies in the HdrHistogram format, version 2: three significant digits, up to ten minutes.

Only what a load needs, in numpy: buckets of values, and the compressed payload of a line of an HdrHistogram log
(https://github.com/HdrHistogram/HdrHistogram, `AbstractHistogram.encodeIntoCompressedByteBuffer`), which any tool for
such logs reads. The library of that name has no wheel for Linux on ARM64.
"""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

HIGHEST = 600_000_000
"""The highest value that is recorded: microseconds in ten minutes."""
DIGITS = 3
_HALF_BITS = 10
_HALF = 1 << _HALF_BITS
"""Half of the 2048 sub-buckets that keep three digits; each further bucket of twice the width adds this many."""
_COOKIE, _COMPRESSED_COOKIE = 0x1C849313, 0x1C849314
_HEADER = struct.Struct(">IIIIQQd")
_OUTER = struct.Struct(">II")

Integers = npt.NDArray[np.int64]


def bucket(values: npt.ArrayLike) -> Integers:
    """Return the index of the bucket that counts each value (whole numbers from 0 on)."""
    array = np.asarray(values, dtype=np.int64)
    # Exact: a value of a load has fewer bits than the mantissa of a float.
    scale = np.maximum(np.frexp(array.astype(np.float64))[1] - _HALF_BITS - 1, 0).astype(np.int64)
    index: Integers = (scale << _HALF_BITS) + (array >> scale)
    return index


def lowest(index: npt.ArrayLike) -> Integers:
    """Return the lowest value that each bucket counts."""
    array = np.asarray(index, dtype=np.int64)
    scale = np.maximum((array >> _HALF_BITS) - 1, 0)
    value: Integers = (array - (scale << _HALF_BITS)) << scale
    return value


def highest(index: npt.ArrayLike) -> Integers:
    """Return the highest value that each bucket counts."""
    return lowest(np.asarray(index, dtype=np.int64) + 1) - 1


def encode(values: npt.ArrayLike) -> str:
    """Return the payload of a log line that counts these values, in base64."""
    counts = np.bincount(bucket(values))
    body = b"".join(_words(counts.tolist()))
    header = _HEADER.pack(_COOKIE, len(body), 0, DIGITS, 1, HIGHEST, 1.0)
    packed = zlib.compress(header + body)
    return base64.b64encode(_OUTER.pack(_COMPRESSED_COOKIE, len(packed)) + packed).decode("ascii")


def decode(payload: str) -> tuple[Integers, Integers]:
    """
    Return the buckets of a payload that are not empty, and the counts in them.

    Raises:
        ValueError: it is no such payload, or one of another range or precision.
    """
    try:
        outer = base64.b64decode(payload, validate=True)
        cookie, length = _OUTER.unpack_from(outer)
        data = zlib.decompress(outer[_OUTER.size : _OUTER.size + length])
        inner, size, _, digits, least, most, _ = _HEADER.unpack_from(data)
    except (binascii.Error, struct.error, zlib.error) as error:
        raise ValueError(f"not a compressed HdrHistogram: {error}") from error
    if (cookie, inner) != (_COMPRESSED_COOKIE, _COOKIE) or (digits, least, most) != (DIGITS, 1, HIGHEST):
        raise ValueError("an HdrHistogram of another version, range or precision")
    found = dict(_counted(data[_HEADER.size : _HEADER.size + size]))
    return np.array(list(found), dtype=np.int64), np.array(list(found.values()), dtype=np.int64)


def _words(counts: list[int]) -> Iterator[bytes]:
    """ZigZag LEB128: a count as it is, a run of empty buckets as its negative length."""
    empty = 0
    for count in counts:
        if count == 0:
            empty += 1
            continue
        if empty:
            yield _word(2 * empty - 1)
            empty = 0
        yield _word(2 * count)


def _word(number: int) -> bytes:
    """Seven bits a byte, the lowest first; no count of a load comes near the format's ninth byte, which has eight."""
    found = bytearray()
    while number >= 0x80:  # noqa: PLR2004 - the bit that says that more follow
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _counted(data: bytes) -> Iterator[tuple[int, int]]:
    number = shift = index = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte & 0x80:
            continue
        if number & 1:
            index += (number + 1) >> 1
        else:
            if number:
                yield index, number >> 1
            index += 1
        number = shift = 0
