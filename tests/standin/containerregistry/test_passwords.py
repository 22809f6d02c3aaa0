from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from standin.containerregistry import passwords

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_a_password_opens_until_it_expires() -> None:
    value = passwords.generate()
    held = passwords.slot(value, created=NOW, expiry=NOW + timedelta(hours=1))
    assert passwords.valid([held], value, now=NOW)
    assert not passwords.valid([held], value, now=NOW + timedelta(hours=1))
    assert not passwords.valid([held], passwords.generate(), now=NOW)


def test_the_value_is_nowhere_in_what_is_kept_or_listed() -> None:
    value = passwords.generate()
    slots = {"password1": passwords.slot(value, created=NOW, expiry=None)}
    assert value not in repr(slots)
    assert passwords.listed(slots) == [{"name": "password1", "creationTime": NOW.isoformat()}]


def test_without_a_name_both_passwords_are_made_anew() -> None:
    assert passwords.chosen(None) == ("password1", "password2")
    assert passwords.chosen("password2") == ("password2",)


def test_a_third_password_is_refused() -> None:
    with pytest.raises(ValueError, match="'password3' is not one of password1, password2"):
        passwords.chosen("password3")
