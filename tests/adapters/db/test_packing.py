import zlib

import pytest

from diag.adapters.db import packing
from diag.adapters.db.packing import packed, unpacked


def test_the_common_text_is_what_stored_records_were_packed_with() -> None:
    assert zlib.adler32(packing._COMMON) == 3952923982, "what is stored could not be read any more"


@pytest.mark.parametrize("record", [b"", b"{}", b'{"id": "1"}' * 5000, bytes(range(256)) * 99, packing._COMMON])
def test_a_record_comes_back_as_it_was(record: bytes) -> None:
    assert unpacked(packed(record)) == record


def test_what_an_earlier_version_packed_is_read() -> None:
    assert unpacked(zlib.compress(b'{"id": "1"}', 1)) == b'{"id": "1"}'


def test_a_record_like_the_others_takes_little_room() -> None:
    record = packing._COMMON.replace(b'"id":""', b'"id":"11111111-2222-4333-8444-555555555555"', 1)
    assert record != packing._COMMON
    assert len(packed(record)) < len(zlib.compress(record, 1)) / 5
