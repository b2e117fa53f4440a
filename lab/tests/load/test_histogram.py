"""Histograms in the HdrHistogram format: buckets to three digits, and the payload of a log line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinshop.lab.load import histogram

VALUES = [1, 2, 2, 2047, 2048, 2049, 17_000, 17_001, 17_001, 1_234_567, 600_000_000]
PAYLOAD = "HISTFAAAADB4nJNpmSzMwMAgyAABzFCaEUQoH3ZjsP8AFWBi+S7PxHLSgG12ElNzPyMTAKwCB+0="
"""Of these values, as the reference implementation for Python encodes them (hdrhistogram 0.10.8)."""
latencies = st.integers(1, histogram.HIGHEST)


def test_the_payload_is_that_of_the_reference_implementation():
    assert histogram.encode(VALUES) == PAYLOAD


def test_a_payload_of_another_implementation_is_read():
    buckets, counts = histogram.decode(PAYLOAD)
    pairs = zip(histogram.lowest(buckets).tolist(), counts.tolist(), strict=True)
    assert dict(list(pairs)[:-2]) == {1: 1, 2: 2, 2047: 1, 2048: 2, 16_992: 3}  # a bucket of sixteen microseconds
    assert counts.sum() == len(VALUES)


@given(st.lists(latencies, min_size=1, max_size=50))
def test_what_is_encoded_is_decoded(values):
    buckets, counts = histogram.decode(histogram.encode(values))
    expected, number = np.unique(histogram.bucket(values), return_counts=True)
    assert (buckets.tolist(), counts.tolist()) == (expected.tolist(), number.tolist())


@given(latencies)
def test_a_bucket_holds_its_value_to_three_digits(value):
    index = histogram.bucket(value)
    low, high = int(histogram.lowest(index)), int(histogram.highest(index))
    assert low <= value <= high
    assert (high - low) * 1000 <= value
    assert histogram.bucket(high) == index == histogram.bucket(low)
    assert histogram.bucket(high + 1) == index + 1


@pytest.mark.parametrize("text", ["", "AAAA", "!", PAYLOAD[:-8], "HISTEwAAAA" + PAYLOAD[10:]])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="HdrHistogram"):
        histogram.decode(text)
