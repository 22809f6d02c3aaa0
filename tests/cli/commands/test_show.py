from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.commands import show
from cli.errors import Unreached
from cli.events.message import Message
from cli.scoring import cards
from cli.stack.outputs import Outputs
from clone.layout import Clone
from contracts.card import Card, Golden
from tests.cli.conftest import VALUES, write_artifact
from tests.cli.messages import message


def test_show_waits_for_a_message_of_the_deployed_model(
    arriving: list[Message], capsys: pytest.CaptureFixture[str]
) -> None:
    old = message("old", properties={"AzureMLResponse": "OK", "model": "b" * 12})
    arriving += [old, message("raw", properties={}), message("new")]
    assert main(["show", "--wait", "--timeout", "5"]) == 0
    text = capsys.readouterr().out
    assert "device   edge-01  model=anomaly" in text
    assert '{"anomaly": false}' in text
    assert "accuracy 0.9908 (at least 0.98), n 3" in text
    assert arriving == []


def test_show_says_which_device_sent_nothing(arriving: list[Message], outputs: Outputs) -> None:
    with pytest.raises(Unreached, match=r"no message scored by aaaaaaaaaaaa from edge-01 within 0\.05 s"):
        show.wait_for_messages(outputs, "local", 0.05)


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: Card) -> Any:
    """Makes a stack that serves models with these golden inputs, each by its name."""
    monkeypatch.setattr(cards, "Clone", lambda: Clone(tmp_path))

    def make(**inputs: Any) -> Outputs:
        values = {**VALUES, "models": {}, "scoring": {}}
        for name, bodies in inputs.items():
            golden = tuple(Golden(name=f"{index}", input=body, output=0) for index, body in enumerate(bodies))
            artifact = write_artifact(tmp_path / name, replace(card, name=name, golden=golden))
            digest = Clone(tmp_path).artifacts.add(artifact)
            values["models"][name] = {**VALUES["models"]["anomaly"], "digest": digest}
            values["scoring"][name] = {**VALUES["scoring"]["anomaly"], "model": name}
        return Outputs("dev", values)

    return make


def test_the_first_example_of_the_deployed_card_is_shown_to_try(deployed: Any) -> None:
    (hint,) = show.hints(deployed(anomaly=[{"t": "it's"}, {"t": 2}]))[2:]
    echo, text, *rest = shlex.split(hint)
    assert (echo, text, rest) == ("echo", '{"t":"it\'s"}', ["|", ".venv/bin/edgeway", "invoke", "--stack", "dev"])


def test_each_of_several_models_is_named_and_one_without_an_example_left_out(deployed: Any) -> None:
    assert show.hints(deployed(first=[1], second=[], third=[[3]]))[2:] == [
        "echo 1 | .venv/bin/edgeway invoke --stack dev --model first",
        "echo '[3]' | .venv/bin/edgeway invoke --stack dev --model third",
    ]


def test_an_example_that_is_no_line_to_paste_is_sent_by_verify(deployed: Any) -> None:
    assert show.hints(deployed(picture=[[0.5] * 784]))[2:] == [".venv/bin/edgeway verify --stack dev"]


def test_an_artifact_that_this_clone_lacks_gives_no_example(outputs: Outputs, deployed: Any) -> None:
    assert show.hints(outputs) == [".venv/bin/edgeway monitor --count 5", ".venv/bin/edgeway device status"]
