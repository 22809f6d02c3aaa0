"""What an entry script may name `run` and `init`, and what its annotations mean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from images.scoring.errors import StartError
from images.scoring.model.entry_script import load_entry_script
from images.scoring.request import Request

STRUCT = "import msgspec\nclass Row(msgspec.Struct): x: int\n"
GONE = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from gone import Gone\n"
PLAIN = {
    "a note for type checkers": f"from __future__ import annotations\n{GONE}def run(data: Gone): return data\n",
    "another annotation that is not there": f"{STRUCT}def run(data: str, *, more: 'Gone' = 1) -> 'Gone': return data\n",
    "no type at all": "def run(data: 'two words'): return data\n",
    "a forward reference": "def run(data: 'list[Later]'): return data\nclass Later: ...\n",
    "partial": "import functools\ndef both(data, scale): return data\nrun = functools.partial(both, scale=2)\n",
    "a callable object": "class Run:\n    def __call__(self, data: 'Gone'): return data\nrun = Run()\n",
    "a method": "class Model:\n    def run(self, data): return data\nrun = Model().run\n",
    "a static method": "class Model:\n    @staticmethod\n    def run(data): return data\nrun = Model.run\n",
    "a class method": "class Model:\n    @classmethod\n    def run(cls, data): return data\nrun = Model.run\n",
    "a lambda": "run = lambda data: data\n",
    "decorated": "import functools\n@functools.cache\ndef run(data): return data\n",
    "decorated by a wrapper": "import functools\ndef wrap(f):\n    @functools.wraps(f)\n    def inner(*a, **k):\n"
    "        return f(*a, **k)\n    return inner\n@wrap\ndef run(data): return data\n",
    "a keyword": "def run(*, data): return data\n",
    "a class that is a string": "class run(str):\n    def __new__(cls, data): return str.__new__(cls, data)\n",
}
TYPED = {
    "text": "def run(data: 'Row'): return data.x\n",
    "text for a later struct": "def run(data: 'Later'): return data.x\nclass Later(msgspec.Struct): x: int\n",
    "text within": "import typing\ndef run(data: typing.Union[list['Row'], 'Row']): return data.x\n",
    "partial": "import functools\ndef both(data: Row, scale): return data.x\nrun = functools.partial(both, scale=2)\n",
    "a callable object": "class Run:\n    def __call__(self, data: 'Row'): return data.x\nrun = Run()\n",
    "a method": "class Model:\n    def run(self, data: Row): return data.x\nrun = Model().run\n",
    "decorated": "import functools\n@functools.lru_cache\ndef plain(x): ...\ndef wrap(f):\n    @functools.wraps(f)\n"
    "    def inner(*a): return f(*a)\n    return inner\n@wrap\ndef run(data: 'Row'): return data.x\n",
    "more that is given a value": "def run(data: Row, *rest, scale=1, **more) -> 'Gone': return data.x\n",
}
REFUSED = {
    "async": ("async def run(data): ...", "run() of score.py is async, allowed is a plain function"),
    "an object that is async": (
        "class Run:\n    async def __call__(self, data): ...\nrun = Run()",
        "run() of score.py is async",
    ),
    "async behind partial": (
        "import functools\nasync def later(data, a): ...\nrun = functools.partial(later, a=1)",
        "run() of score.py is async",
    ),
    "async and iterated": ("async def run(data): yield 1", "run() of score.py is async"),
    "a generator": ("def run(data): yield 1", "run() of score.py is a generator"),
    "arguments without names": (
        "def run(*data): ...",
        "run() of score.py has *data, allowed are parameters with a name",
    ),
    "any keywords": ("def run(data, **more): ...", "run() of score.py has **more, allowed are parameters with a name"),
    "by place alone": ("def run(data, /): ...", "run() of score.py has data, allowed are parameters with a name"),
    "two that are needed": ("def run(data, scale): ...", "run() of score.py needs 'scale' too, which nobody gives"),
    "headers alone": ("def run(request_headers): ...", "must take one argument"),
    "no function": ("run = 7", "entry script score.py has no function run()"),
    "what does not say": ("run = max", "run() of score.py does not say what it takes"),
    "typed, two that are needed": (
        f"{STRUCT}def run(data: Row, scale): ...",
        "cannot be called with the decoded request",
    ),
    "typed, a keyword": (f"{STRUCT}def run(*, data: Row): ...", "cannot be called with the decoded request alone"),
    "a struct and what is not there": (
        f"{STRUCT}def run(data: 'Row | Gone'): ...",
        "annotation that cannot be resolved",
    ),
    "that within": (f"{STRUCT}def run(data: list['Row | Gone']): ...", "annotation that cannot be resolved"),
    "a word that is none": (f"SLOW = 'yes'\n{STRUCT}def run(data: Row): ...", "SLOW of score.py is 'yes', allowed are"),
}


@pytest.fixture
def form(tmp_path: Path) -> Callable[[str], Any]:
    def load(script: str) -> Any:
        (tmp_path / "score.py").write_text(f"{script}\ndef init(): ...\n")
        return load_entry_script(tmp_path / "score.py", model_folder=tmp_path)

    return load


def asked(form: Any, body: bytes) -> Any:
    return form.call(form.decode(Request(body)))


@pytest.mark.parametrize("case", PLAIN)
def test_any_callable_gets_the_body_as_text_and_annotations_are_notes(form: Callable[[str], Any], case: str) -> None:
    loaded = form(PLAIN[case])
    assert asked(loaded, b"[1]") == "[1]"
    assert not loaded.on_loop


@pytest.mark.parametrize("case", TYPED)
def test_a_struct_in_an_annotation_chooses_the_typed_form_however_it_is_written(
    form: Callable[[str], Any], case: str
) -> None:
    loaded = form(f"{STRUCT}{TYPED[case]}")
    assert asked(loaded, b'{"x": 7}') == 7
    assert loaded.on_loop


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_called_is_refused_at_the_start(form: Callable[[str], Any], case: str) -> None:
    script, message = REFUSED[case]
    with pytest.raises(StartError) as refused:
        form(script)
    assert message in str(refused.value)


@pytest.mark.parametrize("init", ["async def init(): ...", "def init(): yield", "init = 7"])
def test_an_init_that_nobody_would_run_is_refused(tmp_path: Path, init: str) -> None:
    (tmp_path / "score.py").write_text(f"{init}\ndef run(data): ...\n")
    with pytest.raises(StartError, match=r"init\(\)"):
        load_entry_script(tmp_path / "score.py", model_folder=tmp_path)


def test_an_annotation_that_names_nothing_is_told_in_the_log(
    form: Callable[[str], Any], caplog: pytest.LogCaptureFixture
) -> None:
    form(f"{STRUCT}def run(data: 'Rwo'): ...")
    assert caplog.messages == [
        "run() of score.py gets the body as text: its annotation cannot be resolved: name 'Rwo' is not defined"
    ]


def test_a_part_of_azureml_that_is_not_there_is_named(form: Callable[[str], Any]) -> None:
    with pytest.raises(StartError, match=r"has no package 'azureml\.core'"):
        form("from azureml.core.model import Model\ndef run(data): ...")


def test_a_typed_script_that_says_slow_is_not_called_on_the_loop(form: Callable[[str], Any]) -> None:
    assert not form(f"SLOW = True\n{STRUCT}def run(data: Row): ...").on_loop


def test_a_script_knows_where_it_lies(form: Callable[[str], Any], tmp_path: Path) -> None:
    loaded = form(
        "import os\ndef run(data):\n    names = ('AML_APP_ROOT', 'AZUREML_ENTRY_SCRIPT', 'AZUREML_MODEL_DIR')\n"
        "    return [__name__, __file__, *map(os.environ.get, names)]\n"
    )
    script = str(tmp_path / "score.py")
    assert asked(loaded, b"") == ["entry_module", script, str(tmp_path), script, str(tmp_path)]
