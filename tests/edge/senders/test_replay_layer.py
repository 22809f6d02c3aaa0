"""The layer that needs no code: a replay and the model's scorer, side by side with others on one device."""

from __future__ import annotations

import msgspec
import pytest

from edge.layers.anomaly import LAYER as ANOMALY
from edge.manifest import Feed, LayerContent, Needs, Rows, layer_content, parse_route, validate
from edge.senders import ReplaySettings, replay_layer

IMAGES = {name: f"cr.example/edgeway/{name}@sha256:{'0' * 64}" for name in ("boiler", "boiler-replay")}


def content(**settings: object) -> LayerContent:
    return replay_layer(model="boiler").content(IMAGES, msgspec.convert(settings, ReplaySettings))


def fed(made: LayerContent) -> set[tuple[str | None, str | None]]:
    """Who hands messages to whom."""
    parsed = [parse_route(route.expression)[0] for route in made.routes.values()]
    return {(route.source_module, route.sink_module) for route in parsed}


def test_a_replay_feeds_the_models_scorer_and_that_alone() -> None:
    made = content()

    assert validate(layer_content(modules=made.modules, routes=made.routes), "layer") == []
    assert {name: module.image for name, module in made.modules.items()} == {
        "boiler-scorer": IMAGES["boiler"],
        "boiler-replay": IMAGES["boiler-replay"],
    }
    assert fed(made) == {("boiler-replay", "boiler-scorer"), ("boiler-scorer", None)}


def test_it_shares_no_name_with_another_layer() -> None:
    anomaly = ANOMALY.content({"anomaly": "a", "sensor": "s"}, ANOMALY.settings())
    ours, second = (
        content(),
        replay_layer(model="boiler", layer="boiler_two").content(
            {"boiler": "b", "boiler_two-replay": "r"}, ReplaySettings()
        ),
    )

    for one, other in ((anomaly, ours), (ours, second), (anomaly, second)):
        assert not one.modules.keys() & other.modules.keys()
        assert not one.routes.keys() & other.routes.keys()
        assert not {source for source, _ in fed(one)} & {source for source, _ in fed(other)}


def test_the_settings_say_how_fast_from_where_and_how_often() -> None:
    made = content(**{"intervalSeconds": 0.1, "from": "data/boiler.csv", "loop": False})

    assert made.modules["boiler-replay"].env == {"MessageDelay": "00:00:00.1000000", "Loop": "false"}
    rows = Rows(model="boiler", file="data/boiler.csv")
    assert made.feeds == (Feed(sender="boiler-replay", scorer="boiler-scorer", sends=rows),)
    layer = replay_layer(model="boiler")
    given = msgspec.convert({"from": "data/boiler.csv"}, ReplaySettings)
    assert layer.needs(given) == Needs(models=("boiler",), replays={"boiler-replay": rows})
    assert layer.needs(ReplaySettings()).replays == {"boiler-replay": Rows(model="boiler")}


@pytest.mark.parametrize("path", ["data/boiler.csv", "boiler.jsonl", "a/b c/d.e.csv", "..data/x.csv"])
def test_a_file_of_the_clone_is_taken(path: str) -> None:
    assert msgspec.convert({"from": path}, ReplaySettings).source == path


@pytest.mark.parametrize("path", ["", "/x.csv", "../x.csv", "a/../../x.csv", "./x.csv", "x.xlsx", "x.csv\n", "golden"])
def test_what_is_no_file_of_the_clone_is_refused(path: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"from": path}, ReplaySettings)
