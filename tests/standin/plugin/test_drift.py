from __future__ import annotations

from standin.plugin.drift import drifted


def test_only_what_changed_is_applied() -> None:
    inputs = {"a": 1, "secret": "never returned", "nested": {"x": 1, "y": 2}}
    before = {"a": 1, "default": True, "nested": {"x": 1, "y": 2, "z": 3}}
    now = {"a": 2, "default": True, "nested": {"x": 9, "y": 2, "z": 3}}

    assert drifted(inputs, before, now) == {"a": 2, "secret": "never returned", "nested": {"x": 9, "y": 2}}


def test_what_was_added_and_taken_away_is_seen() -> None:
    assert drifted({"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1", "c": "3"}}) == {
        "tags": {"a": "1", "c": "3"}
    }
    assert drifted({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1}) == {"a": 1}


def test_an_order_that_azure_does_not_keep_is_no_drift() -> None:
    inputs = {"actions": ["b", "a"]}

    assert drifted(inputs, {"actions": ["b", "a"]}, {"actions": ["a", "b"]}) == inputs


def test_a_list_of_another_length_is_taken_as_it_is() -> None:
    assert drifted({"l": [{"name": "a"}]}, {"l": [{"name": "a"}]}, {"l": [{"name": "a"}, {"name": "b"}]}) == {
        "l": [{"name": "a"}, {"name": "b"}]
    }
