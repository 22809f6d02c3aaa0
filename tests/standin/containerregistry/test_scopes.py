from __future__ import annotations

import pytest

from standin.containerregistry.scopes import (
    EVERYTHING,
    LEGACY_ROLES,
    NOTHING,
    Scope,
    everywhere,
    grant,
    parse_actions,
    parse_scopes,
)


def test_several_scopes_come_in_one_value_or_in_several() -> None:
    assert parse_scopes(["repository:a/b:pull,push registry:catalog:*", "repository:c:pull"]) == [
        Scope("repository", "a/b", ("pull", "push")),
        Scope("registry", "catalog", ("*",)),
        Scope("repository", "c", ("pull",)),
    ]


@pytest.mark.parametrize("text", ["repository", "repository:x", ":x:pull", "repository::pull"])
def test_a_scope_without_its_three_parts_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="<type>:<name>:<actions>"):
        parse_scopes([text])


def test_a_scope_map_gives_its_actions_on_its_repositories_only() -> None:
    rights = parse_actions(["repositories/edgeway/anomaly/content/read", "repositories/edgeway/anomaly/metadata/read"])
    asked = parse_scopes(["repository:edgeway/anomaly:pull,push", "repository:edgeway/sensor:pull"])
    assert grant(rights, asked) == [
        {"type": "repository", "name": "edgeway/anomaly", "actions": ["pull"]},
        {"type": "repository", "name": "edgeway/sensor", "actions": []},
    ]


def test_a_star_at_the_end_of_a_repository_stands_for_all_that_begin_so() -> None:
    rights = parse_actions(["repositories/edgeway/*/content/write"])
    assert rights.on("edgeway/anomaly") == {"push"}
    assert rights.on("other/anomaly") == frozenset()
    assert rights.on("edgeways") == frozenset()


def test_asking_for_every_action_gets_those_held() -> None:
    rights = parse_actions(["repositories/a/content/read", "repositories/a/content/delete"])
    assert grant(rights, parse_scopes(["repository:a:*"]))[0]["actions"] == ["delete", "pull"]


def test_the_catalog_is_for_who_may_read_all_repositories() -> None:
    asked = parse_scopes(["registry:catalog:*"])
    assert grant(everywhere(EVERYTHING), asked)[0]["actions"] == ["*"]
    assert grant(parse_actions(["repositories/a/metadata/read"]), asked)[0]["actions"] == []
    assert grant(NOTHING, asked)[0]["actions"] == []


@pytest.mark.parametrize(
    "action",
    [
        "repositories/a/content/reed",
        "repositories//content/read",
        "repositories/A/content/read",
        "repositories/a*b/content/read",
        "registries/a/content/read",
        "repositories/a/content/read/x",
        "",
    ],
)
def test_an_action_that_is_none_is_refused_by_name(action: str) -> None:
    with pytest.raises(ValueError, match="is not 'repositories/<repository>/<what>'"):
        parse_actions(["repositories/ok/content/read", action])


def test_acr_pull_pulls_and_acr_push_does_not_delete() -> None:
    pull, push = "7f951dda-4ed3-4680-a7ca-43fe172d538d", "8311e382-0749-4cb8-b61a-304f252e45ec"
    assert "push" not in LEGACY_ROLES[pull]
    assert {"pull", "push"} <= LEGACY_ROLES[push]
    assert "delete" not in LEGACY_ROLES[push]
