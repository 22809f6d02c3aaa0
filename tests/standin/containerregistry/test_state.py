from __future__ import annotations

import pytest

from standin.containerregistry.errors import NotAuthenticated
from standin.containerregistry.names import SCOPE_MAPS, TOKENS
from tests.standin.containerregistry.conftest import GROUP, Bench

SOMEBODY = "principal:somebody"


async def test_a_role_counts_once_it_has_propagated(bench: Bench) -> None:
    bench.grant("AcrPull", bench.registry.id)
    assert not bench.registries.rights(bench.registry, SOMEBODY).on("any")
    bench.base.clock.advance(bench.base.profile.role_propagation_s)
    assert bench.registries.rights(bench.registry, SOMEBODY).on("any") == {"pull", "metadata_read"}


async def test_a_role_on_the_group_reaches_its_registries_and_one_elsewhere_does_not(bench: Bench) -> None:
    bench.grant("AcrPush", GROUP)
    bench.grant("AcrPush", f"{bench.registry.id}x", principal="neighbour")
    bench.base.clock.advance(60)
    assert "push" in bench.registries.rights(bench.registry, SOMEBODY).on("any")
    assert not bench.registries.rights(bench.registry, "principal:neighbour").on("any")


async def test_in_abac_mode_acr_pull_is_not_honoured(bench: Bench) -> None:
    bench.grant("AcrPull", bench.registry.id)
    bench.grant("Container Registry Repository Reader", bench.registry.id, principal="reader")
    bench.base.clock.advance(60)
    bench.registry.properties["roleAssignmentMode"] = "AbacRepositoryPermissions"
    assert not bench.registries.rights(bench.registry, SOMEBODY).on("any")
    assert "pull" in bench.registries.rights(bench.registry, "principal:reader").on("any")


async def test_a_token_has_the_rights_of_its_scope_map_while_both_are_there(bench: Bench) -> None:
    scope_map = bench.save("readers", SCOPE_MAPS, {"actions": ["repositories/a/content/read"]})
    token = bench.save("device", TOKENS, {"scopeMapId": scope_map.id, "status": "enabled"})
    assert bench.registries.rights(bench.registry, "token:device").on("a") == {"pull"}
    bench.base.arm.forget(scope_map)
    assert not bench.registries.rights(bench.registry, "token:device").on("a")
    bench.base.arm.forget(token)
    assert not bench.registries.rights(bench.registry, "token:device").on("a")


async def test_azures_own_scope_maps_are_known(bench: Bench) -> None:
    bench.save("device", TOKENS, {"scopeMapId": f"{bench.registry.id}/scopeMaps/_repositories_pull"})
    assert bench.registries.rights(bench.registry, "token:device").on("any") == {"pull"}


async def test_a_token_is_opened_by_its_own_password_only(bench: Bench) -> None:
    token = bench.save("device", TOKENS, {"status": "enabled"})
    (made,) = bench.registries.generate(token, name="password1", expiry=None)
    assert bench.registries.authenticate(bench.registry, "device", made["value"]) == "token:device"
    for user, password in (("device", "x"), ("other", made["value"]), ("device", "")):
        with pytest.raises(NotAuthenticated):
            bench.registries.authenticate(bench.registry, user, password)


async def test_admin_passwords_are_the_same_at_each_look_and_different_for_another_registry(bench: Bench) -> None:
    bench.registry.properties["adminUserEnabled"] = True
    held = bench.registries.admin_passwords(bench.registry)
    assert held == bench.registries.admin_passwords(bench.registry)
    assert len(set(held.values())) == 2
    assert bench.registries.authenticate(bench.registry, "EdgewayBench", held["password2"]) == "admin:"
    bench.registry.properties["adminUserEnabled"] = False
    with pytest.raises(NotAuthenticated):
        bench.registries.authenticate(bench.registry, "edgewaybench", held["password2"])
