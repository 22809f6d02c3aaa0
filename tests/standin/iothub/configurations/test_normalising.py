from __future__ import annotations

from typing import Any

from standin.iothub.configurations.normalising import normalised
from tests.standin.iothub.conftest import Bench
from tests.standin.iothub.deployments import body, layer, standard
from tests.standin.iothub.rest import Rest

MODULE: dict[str, Any] = {"type": "docker", "settings": {"image": "m:1"}, "env": {}, "version": None}
KEPT = {"type": "docker", "settings": {"image": "m:1"}, "imagePullPolicy": "on-create"}


def test_content_is_kept_in_the_hubs_own_words() -> None:
    kept = normalised(layer({"m": MODULE}, m={"properties.desired": {"seconds": 5.0, "share": 0.5, "none": None}}))
    assert kept["$edgeAgent"] == {"properties.desired.modules.m": KEPT}
    assert repr(kept["m"]) == "{'properties.desired': {'seconds': 5, 'share': 0.5}}"
    agent = normalised(standard({"m": MODULE}))["$edgeAgent"]["properties.desired"]
    assert agent["modules"] == {"m": KEPT}
    assert agent["systemModules"]["edgeHub"]["imagePullPolicy"] == "on-create"
    assert normalised(kept) == kept


async def test_it_is_shown_so_and_may_be_put_either_way(bench: Bench) -> None:
    rest = Rest(bench)
    sent = body(layer({"m": MODULE}))
    made = await rest.call("PUT", "/configurations/one", sent)
    assert made.body["content"]["modulesContent"]["$edgeAgent"] == {"properties.desired.modules.m": KEPT}
    for again in (sent, {**sent, "content": made.body["content"]}):
        answer = await rest.call("PUT", "/configurations/one", again, headers={"if-match": "*"})
        assert answer.status == 200, answer.body
