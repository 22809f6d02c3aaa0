"""What holds for every layer there is."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

import edge.layers
from edge.layers import LayerFileError, catalogue
from edge.manifest import layer_content, validate
from tools.guests import LAYERS


def test_each_file_of_the_folder_is_a_layer() -> None:
    files = {file.stem for file in Path(edge.layers.__file__).parent.glob("*.py")} - {"__init__"}

    assert set(catalogue()) == files


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_a_layer_of_its_default_settings_takes_the_images_that_it_needs_and_is_a_valid_deployment(name: str) -> None:
    layer = catalogue()[name]
    settings = msgspec.convert({}, layer.settings)
    needs = layer.needs(settings)
    names = (*needs.models, *needs.images, *needs.replays)
    images = {image: f"cr.example/{image}@sha256:{'0' * 64}" for image in names}

    made = layer.content(images, settings)

    assert validate(layer_content(modules=made.modules, routes=made.routes), "layer") == []
    assert all({feed.sender, feed.scorer} <= made.modules.keys() for feed in made.feeds)


def test_layers_share_neither_modules_nor_routes_nor_images() -> None:
    """So that any of them may stand on one device. A user's own may set what others set: a preview says which do."""
    made: list[str] = []
    for name, layer in catalogue().items():
        if name not in LAYERS:
            continue
        settings = msgspec.convert({}, layer.settings)
        needs = layer.needs(settings)
        images = dict.fromkeys((*needs.models, *needs.images, *needs.replays), "image")
        content = layer.content(images, settings)
        made += [
            *content.modules,
            *(f"route {route}" for route in content.routes),
            *(f"image {r}" for r in needs.replays),
        ]
        # these two have the names of a contract
        assert name in ("anomaly", "people_detection") or all(
            part.startswith(f"{name}-") for part in (*content.modules, *content.routes)
        )

    assert sorted(made) == sorted(set(made))


@pytest.mark.parametrize("name", catalogue())
def test_the_settings_of_a_layer_are_closed(name: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"no-such-setting": 1}, catalogue()[name].settings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\nLAYER = nobody\n", "edge/layers/eye.py:2: NameError: name 'nobody' is not defined"),
        ("def f(:\n", "edge/layers/eye.py:1: SyntaxError: "),
        ("import nobody_has_this\n", "edge/layers/eye.py:1: ModuleNotFoundError: "),
        ("LAYER = {}\n", "edge/layers/eye.py: LAYER is dict; a Layer of edge.manifest is wanted"),
        ("", "edge/layers/eye.py: LAYER is NoneType; a Layer of edge.manifest is wanted"),
    ],
)
def test_a_file_that_is_no_layer_is_told_with_its_line(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "edge" / "layers"
    folder.mkdir(parents=True)
    (folder / "eye.py").write_text(text)
    monkeypatch.setattr(edge.layers, "__path__", [str(folder)])
    monkeypatch.delitem(sys.modules, "edge.layers.eye", raising=False)

    with pytest.raises(LayerFileError) as told:
        catalogue()

    sys.modules.pop("edge.layers.eye", None)
    assert str(told.value).startswith(said)
