"""What a script finds around it: variables, folders, modules, logs, its end."""

from __future__ import annotations

from tests.images.scoring.official.case import Case, post

ASKED = {"post": post("1")}
HEAD = "import builtins, json, logging, os, sys, warnings\nfrom pathlib import Path\ndef init(): ...\n"
GIVES = {
    "its folder is the current one": "os.getcwd() == str(Path(__file__).parent)",
    "a file beside it": "open('words.txt').read()",
    "a file in a folder": "open('more/words.txt').read()",
    "a file by its own place": "(Path(__file__).parent / 'words.txt').read_text()",
    "the model's folder": "os.environ['AZUREML_MODEL_DIR'] == str(Path(__file__).parent)",
    "the app's root": "os.environ['AML_APP_ROOT'] == str(Path(__file__).parent)",
    "the entry script": "os.environ['AZUREML_ENTRY_SCRIPT'] == __file__",
    "its name": "__name__",
    "its file": "[Path(__file__).name, Path(__file__).is_absolute()]",
    "its spec": "[__spec__.name, __package__, __doc__]",
    "its folder on the path": "str(Path(__file__).parent) in sys.path",
    "the folder comes last": "sys.path[-1] == str(Path(__file__).parent)",
    "itself among the modules": "sys.modules.get(__name__) is not None",
    "main": "sys.modules['__main__'].__name__",
    "where it is not": "'score' in sys.modules",
    "the encoding": "[sys.getdefaultencoding(), sys.getfilesystemencoding()]",
    "optimised": "__debug__",
    "the limit of integers": "sys.get_int_max_str_digits()",
    "a bad variable": "os.environ.get('NOT_THERE')",
    "given variables": "os.environ['GIVEN']",
    "time zone": "__import__('time').tzname[0]",
    "the root logger's level": "logging.getLogger().level",
    "the root logger's handlers": "len(logging.getLogger().handlers)",
    "an own logger's level": "logging.getLogger('mine').isEnabledFor(logging.INFO)",
    "print": "print('to the log')",
    "print to a file": "print('x', file=sys.stderr)",
    "print flushed": "print('x', flush=True)",
    "print's own": "builtins.print.__name__",
    "writing to stdout": "sys.stdout.write('x')",
    "stdin": "sys.stdin.read()",
    "a warning": "warnings.warn('old')",
    "threads": "__import__('threading').active_count() >= 1",
    "the event loop policy": "type(__import__('asyncio').get_event_loop_policy()).__name__",
    "arguments": "len(sys.argv) > 0",
    "a temporary file": "__import__('tempfile').TemporaryFile().write(b'x')",
    "sub-interpreters of a pickle": "__import__('pickle').loads(__import__('pickle').dumps(Path('a'))).name",
    "the umask": "(lambda m: os.umask(m) and oct(m))(os.umask(0o22))",
    "open files": "__import__('resource').getrlimit(__import__('resource').RLIMIT_NOFILE)[0] > 0",
}
FILES = {"words.txt": "beside", "more/words.txt": "below"}
BESIDE = {
    "a module beside it": ("from helper import scale", "helper.py", "scale = 3"),
    "a package beside it": ("from helper.deep import scale", "helper/deep.py", "scale = 3"),
    "a package with its own file": ("from helper import scale", "helper/__init__.py", "from .deep import scale"),
    "a relative import": ("from .helper import scale", "helper.py", "scale = 3"),
    "a module of a name of ours": ("from contracts import scale", "contracts.py", "scale = 3"),
    "a package of a name of ours": ("from images import scale", "images.py", "scale = 3"),
    "a module of a name of the library": ("from statistics import mean as scale", "statistics.py", "mean = 3"),
    "a module that is missing": ("from gone import scale", "helper.py", ""),
    "a module that fails": ("from helper import scale", "helper.py", "1 / 0"),
    "a module that exits": ("from helper import scale", "helper.py", "raise SystemExit(1)"),
    "flask": ("from flask import jsonify as scale", "helper.py", ""),
    "dataclasses": (
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\nscale = A(3).x",
        "helper.py",
        "",
    ),
    "dataclasses with text": (
        "from __future__ import annotations\nimport dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\nscale = A(3).x",
        "helper.py",
        "",
    ),
    "pickles of its own": ("import pickle\nclass A: x = 3\nscale = pickle.loads(pickle.dumps(A())).x", "helper.py", ""),
    "type hints": (
        "import typing\ndef f(a: 'int'): ...\nscale = typing.get_type_hints(f)['a'].__name__",
        "helper.py",
        "",
    ),
    "inspection": ("import inspect\ndef f(a): ...\nscale = inspect.getsource(f)", "helper.py", ""),
    "the path changed": (
        "import sys; sys.path.insert(0, 'lib')\nfrom helper import scale",
        "lib/helper.py",
        "scale = 3",
    ),
    "the folder changed": (
        "import os; os.chdir('lib')\nscale = open('helper.py').read()",
        "lib/helper.py",
        "scale = 3",
    ),
    "variables changed": ("import os; os.environ['MINE'] = '3'\nscale = os.environ['MINE']", "helper.py", ""),
    "variables of the server changed": (
        "import os; os.environ.update(AZUREML_MODEL_DIR='a', AML_APP_ROOT='b')\nscale = os.environ['AML_APP_ROOT']",
        "helper.py",
        "",
    ),
    "logging configured": (
        "import logging; logging.basicConfig(level=logging.DEBUG, force=True)\nscale = logging.getLogger().level",
        "helper.py",
        "",
    ),
    "logging configured by a dictionary": (
        "import logging.config; logging.config.dictConfig({'version': 1, 'root': {'level': 'ERROR'}})\n"
        "scale = logging.getLogger().level",
        "helper.py",
        "",
    ),
    "logging that fails": (
        "import logging; logging.raiseExceptions = True; logging.error('%d', 'x')\nscale = 3",
        "helper.py",
        "",
    ),
    "an exit handler": ("import atexit; atexit.register(print, 'bye')\nscale = 3", "helper.py", ""),
    "an exception hook": ("import sys; sys.excepthook = lambda *_: None\nscale = 3", "helper.py", ""),
    "a finalizer": (
        "import weakref, sys\nclass A: ...\na = A(); weakref.finalize(a, print)\nscale = 3",
        "helper.py",
        "",
    ),
    "stdout replaced": ("import io, sys; sys.stdout = io.StringIO()\nscale = 3", "helper.py", ""),
    "stdout closed": ("import sys; sys.stdout.close()\nscale = 3", "helper.py", ""),
    "a collection": ("import gc; gc.disable()\nscale = gc.isenabled()", "helper.py", ""),
}
CASES = (
    *(
        Case(
            name=f"environment: {name}",
            script=f"{HEAD}def run(data): return {value}\n",
            asked=ASKED,
            files=FILES,
            environment={"GIVEN": "here"},
            process=True,
        )
        for name, value in GIVES.items()
    ),
    *(
        Case(
            name=f"environment: {name}",
            script=f"{head}\ndef init(): ...\ndef run(data): return scale\n",
            asked=ASKED,
            files={file: content, **({"helper/deep.py": "scale = 3"} if file.endswith("__init__.py") else {})},
            process=True,
        )
        for name, (head, file, content) in BESIDE.items()
    ),
)
