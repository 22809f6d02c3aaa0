"""Compressed request bodies, unpacked up to the limit of a body: a small one may unpack to a huge one. RFC 1952"""

from __future__ import annotations

import zlib

from images.scoring.errors import BadRequest, BodyTooLarge, UnsupportedEncoding

_GZIP = 16 + zlib.MAX_WBITS


def unpacked(body: bytes, encoding: bytes, *, limit: int) -> bytes:
    """`encoding` is the header's value, `limit` in bytes. Raises BadRequest, BodyTooLarge or UnsupportedEncoding."""
    name = encoding.strip().lower()
    if name == b"identity":
        return body
    if name not in (b"gzip", b"x-gzip"):
        raise UnsupportedEncoding(f"content-encoding is {encoding.decode('latin-1')!r}, allowed are gzip and identity")
    unzip = zlib.decompressobj(_GZIP)
    try:
        plain = unzip.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadRequest(f"body is not gzip: {error}") from error
    if len(plain) > limit:
        raise BodyTooLarge(f"body has more than {limit} bytes when unpacked, which is the limit")
    if not unzip.eof or unzip.unused_data:
        raise BadRequest(f"body is not gzip: it {'ends early' if not unzip.eof else 'goes on after its end'}")
    return plain
