from __future__ import annotations

from pluginbase.secrets import Secrets

KEY = "0123456789abcdef"


def test_a_secret_is_followed_to_where_it_moved() -> None:
    secrets = Secrets(({"list": [{"key": KEY}, {}]}, {("list", 0, "key")}))

    assert secrets.places({"list": [{}, {"key": KEY}], "uri": f"amqps://{KEY}@host", "other": 1}) == {
        ("list", 0, "key"),
        ("list", 1, "key"),
        ("uri",),
    }


def test_texts_lose_every_secret() -> None:
    secrets = Secrets(({"key": KEY, "one": "1"}, {("key",), ("one",)}))

    assert secrets.scrub(f"PUT {KEY} failed 1 time") == "PUT [secret] failed 1 time"
    assert secrets.scrub("1") == "[secret]"


def test_what_was_secret_before_is_kept_out_of_texts_but_marks_nothing() -> None:
    secrets = Secrets(({"key": KEY}, set()), earlier=[({"key": KEY}, {("key",)})])

    assert secrets.scrub(KEY) == "[secret]"
    assert secrets.places({"key": KEY}) == set()


def test_a_secret_map_hides_what_is_in_it() -> None:
    secrets = Secrets(({"content": {"password": KEY}}, {("content",)}))

    assert secrets.covers("content")
    assert secrets.scrub(f"bad {KEY}") == "bad [secret]"
