"""What `run` and `init` may be, and how they may be annotated and decorated."""

from __future__ import annotations

from tests.images.scoring.official.case import Case, post

ASKED = {"text": post("[1]")}
GONE = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from gone import Gone\n"


def named(name: str, script: str, init: str = "def init(): ...") -> Case:
    return Case(name=f"callables: {name}", script=f"{script}\n{init}\n", asked=ASKED)


CASES = (
    named(
        "type checkers' names", f"from __future__ import annotations\n{GONE}def run(data: Gone) -> Gone: return data"
    ),
    named("text for type checkers", f"{GONE}def run(data: 'Gone'): return data"),
    named("text within", f"{GONE}def run(data: list['Gone']): return data"),
    named("text that is no type", "def run(data: 'the rows'): return data"),
    named("text whose look-up raises", "class M(type):\n    def __getattr__(c, n): raise RuntimeError\nclass X(metaclass=M): ...\ndef run(data: 'X.y'): return data"),
    named("annotations that are broken", "def run(data): return data\nrun.__annotations__ = {'data': object()}"),
    named("a signature of its own", "import inspect\ndef run(*a, **k): return k\nrun.__signature__ = inspect.Signature([inspect.Parameter('d', inspect.Parameter.POSITIONAL_OR_KEYWORD)])"),
    named("wrapped by itself", "def run(data): return data\nrun.__wrapped__ = run"),
    named("a mock", "from unittest.mock import MagicMock\nrun = MagicMock(return_value=7)"),
    named("not to be type-checked", "import typing\n@typing.no_type_check\ndef run(data: 'x y'): return data"),
    named("a partial method", "import functools\nclass A:\n    def f(self, s, data): return [s, data]\n    run = functools.partialmethod(f, 2)\nrun = A().run"),
    named("a value as annotation", "def run(data: 7): return data"),
    named("a call as annotation", "def run(data: print('x')): return data"),
    named("bytes", "def run(data: bytes): return type(data).__name__"),
    named("str", "def run(data: str): return type(data).__name__"),
    named("dict", "def run(data: dict): return type(data).__name__"),
    named(
        "a dataclass",
        "import dataclasses\n@dataclasses.dataclass\nclass Row: x: int\ndef run(data: Row): return type(data).__name__",
    ),
    named(
        "a named tuple",
        "import typing\nclass Row(typing.NamedTuple): x: int\ndef run(data: Row): return type(data).__name__",
    ),
    named(
        "a typed dictionary",
        "import typing\nclass Row(typing.TypedDict): x: int\ndef run(data: Row): return type(data).__name__",
    ),
    named("a type variable", "import typing\nT = typing.TypeVar('T')\ndef run(data: T) -> T: return data"),
    named("annotated", "import typing\ndef run(data: typing.Annotated[str, 'a body']): return data"),
    named("a forward reference", "def run(data: 'Later'): return data\nclass Later: ..."),
    named("a return type that is gone", "def run(data) -> 'Gone': return data"),
    named(
        "partial",
        "import functools\ndef both(data, scale): return [data, scale]\nrun = functools.partial(both, scale=2)",
    ),
    named(
        "partial by place",
        "import functools\ndef both(scale, data): return [data, scale]\nrun = functools.partial(both, 2)",
    ),
    named(
        "partial of the data", "import functools\ndef both(data): return data\nrun = functools.partial(both, data=2)"
    ),
    named("a callable object", "class Run:\n    def __call__(self, data): return data\nrun = Run()"),
    named("a callable object, annotated", "class Run:\n    def __call__(self, data: 'Gone'): return data\nrun = Run()"),
    named("a method", "class Model:\n    def run(self, data): return data\nrun = Model().run"),
    named("a static method", "class Model:\n    @staticmethod\n    def run(data): return data\nrun = Model.run"),
    named(
        "a class method",
        "class Model:\n    @classmethod\n    def run(cls, data): return [cls.__name__, data]\nrun = Model.run",
    ),
    named("an unbound method", "class Model:\n    def run(self, data): return data\nrun = Model.run"),
    named("a class", "class run(dict):\n    def __init__(self, data): super().__init__(got=data)"),
    named("a class of another kind", "class run:\n    def __init__(self, data): ..."),
    named("a lambda", "run = lambda data: data"),
    named("a builtin", "run = len"),
    named("a builtin that does not say", "run = max"),
    named("a type that does not say", "run = dict"),
    named("no callable", "run = 7"),
    named("nothing", "run = None"),
    named("missing", ""),
    named("another name of the parameter", "def run(request_body_of_the_caller): return request_body_of_the_caller"),
    named("no parameter", "def run(): return 1"),
    named("a default", "def run(data='none'): return data"),
    named("more with defaults", "def run(data, scale=2, *, more=3): return [data, scale, more]"),
    named("more that is needed", "def run(data, scale): return data"),
    named("by keyword", "def run(*, data): return data"),
    named("by place", "def run(data, /): return data"),
    named("any places", "def run(*data): return data"),
    named("any keywords", "def run(data, **more): return more"),
    named("headers", "def run(data, request_headers): return sorted(request_headers)"),
    named("headers first", "def run(request_headers, data): return [data, request_headers['Host']]"),
    named("headers alone", "def run(request_headers): return 1"),
    named("headers with a default", "def run(data, request_headers=None): return type(request_headers).__name__"),
    named("async", "async def run(data): return data"),
    named(
        "async behind a wrapper",
        "import asyncio\nasync def later(data): return data\ndef run(data): return asyncio.run(later(data))",
    ),
    named("a generator", "def run(data): yield data"),
    named("an async generator", "async def run(data): yield data"),
    named("cached", "import functools\n@functools.cache\ndef run(data): return data"),
    named("one of several", "import functools\n@functools.singledispatch\ndef run(data): return data"),
    named(
        "wrapped",
        "import functools\ndef wrap(f):\n    @functools.wraps(f)\n    def inner(*a, **k): return f(*a, **k)\n    return inner\n@wrap\ndef run(data): return data",
    ),
    named(
        "wrapped badly",
        "def wrap(f):\n    def inner(*a, **k): return f(*a, **k)\n    return inner\n@wrap\ndef run(data): return data",
    ),
    named(
        "wrapped by a class",
        "import functools\nclass Wrap:\n    def __init__(self, f): functools.update_wrapper(self, f); self.f = f\n    def __call__(self, *a, **k): return self.f(*a, **k)\n@Wrap\ndef run(data): return data",
    ),
    named(
        "wrapped with another signature",
        "import functools\ndef wrap(f):\n    @functools.wraps(f)\n    def inner(body): return f(body)\n    del inner.__wrapped__\n    return inner\n@wrap\ndef run(data): return data",
    ),
    named(
        "made by a function", "def make(scale):\n    def run(data): return [data, scale]\n    return run\nrun = make(3)"
    ),
    named("imported", "from json import loads as run"),
    named(
        "through a driver",
        "import types\ndriver_module = types.ModuleType('driven')\ndriver_module.__file__ = 'd'\ndriver_module.run = lambda data: 'driven'\ndef run(*a): ...",
    ),
    named(
        "through a driver without one",
        "import types\ndriver_module = types.ModuleType('driven')\ndriver_module.__file__ = 'd'\ndef run(data): return 'own'",
    ),
    named("through a driver that is no module", "driver_module = 7\ndef run(data): return 'own'"),
    named("set by init", "run = lambda data: 'old'", "def init():\n    global run\n    run = lambda data: 'new'"),
    named(
        "a module's __getattr__",
        "def __getattr__(name):\n    if name == 'run': return lambda data: 'dynamic'\n    raise AttributeError(name)",
    ),
    named("init is missing", "def run(data): return data", ""),
    named("init is a lambda", "def run(data): return data", "init = lambda: None"),
    named("init takes an argument", "def run(data): return data", "def init(data): ..."),
    named("init has a default", "def run(data): return data", "def init(data=1): ..."),
    named("init gives something", "def run(data): return data", "def init(): return 7"),
    named("init is async", "started = []\ndef run(data): return started", "async def init(): started.append(1)"),
    named(
        "init is a generator",
        "started = []\ndef run(data): return started",
        "def init():\n    started.append(1)\n    yield",
    ),
    named("init raises", "def run(data): return data", "def init(): raise ValueError('no')"),
    named("init exits", "import sys\ndef run(data): return data", "def init(): sys.exit(0)"),
    named("init is interrupted", "def run(data): return data", "def init(): raise KeyboardInterrupt"),
    named("init is none", "def run(data): return data", "init = None"),
    named("the import raises", "1 / 0"),
    named("the import exits", "raise SystemExit(0)"),
    named("a syntax error", "def run(data) return data"),
    named("another coding", "# -*- coding: latin-1 -*-\ndef run(data): return 'a'"),
)
