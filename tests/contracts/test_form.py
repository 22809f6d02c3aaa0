"""A form as we write it, read by werkzeug, which Flask and Azure ML's own server read forms with."""

from __future__ import annotations

import io

from werkzeug.formparser import parse_form_data

from contracts.card import Body
from contracts.form import Part, form


def test_a_form_is_read_with_its_names_and_content_types() -> None:
    content = b"\x00--\r\n\r\n--x--\r\n"
    body = form(
        [
            Part(name="image", filename='a "b"\r\n.png', body=Body("image/png", content)),
            Part(name="image", filename="c.jpg", body=Body("image/jpeg", b"")),
        ]
    )
    environ = {"wsgi.input": io.BytesIO(body.content), "CONTENT_TYPE": body.media_type, "REQUEST_METHOD": "POST"}
    _, fields, files = parse_form_data({**environ, "CONTENT_LENGTH": str(len(body.content))})
    assert not fields
    read = [(file.filename, file.content_type, file.read()) for file in files.getlist("image")]
    for file in files.getlist("image"):
        file.close()
    assert read == [
        ('a "b"%0D%0A.png', "image/png", content),
        ("c.jpg", "image/jpeg", b""),
    ]


def test_the_same_parts_are_the_same_bytes_and_no_part_holds_the_boundary() -> None:
    parts = [Part(name="a", filename="a", body=Body("image/png", b"1"))]
    assert form(parts) == form(parts)
    inner = form(parts)
    outer = form([Part(name="a", filename="a", body=inner)])
    assert outer.media_type.partition("boundary=")[2].encode() not in inner.content
