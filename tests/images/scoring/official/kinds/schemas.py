"""Scripts decorated by `inference_schema`: fields by name, converted."""

from __future__ import annotations

from tests.images.scoring.official.case import Asked, Case, get, post

HEAD = (
    "import numpy as np\nfrom inference_schema.schema_decorators import input_schema, output_schema\n"
    "from inference_schema.parameter_types.numpy_parameter_type import NumpyParameterType\n"
    "from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType\n"
    "def init(): ...\n"
)
JSON = {"Content_Type": "application/json"}
ASKED = {
    "fields": post('{"data": [[1, 2], [3, 4]], "scale": 10}', **JSON),
    "a default": post('{"data": [[1, 2]]}', **JSON),
    "null": post('{"data": null, "scale": 1}', **JSON),
    "more": post('{"data": [[1, 2]], "more": 1}', **JSON),
    "twice": post('{"data": [[1]], "data": [[2]]}', **JSON),
    "in other letters": post('{"Data": [[1, 2]]}', **JSON),
    "a query": get("/score?data=[[1,2]]&scale=3"),
    "a query that is text": get("/score?data=x"),
    "a field is missing": post('{"scale": 1}', **JSON),
    "a field that does not convert": post('{"data": "x"}', **JSON),
    "a list": post("[1]", **JSON),
    "null alone": post("null", **JSON),
    "nothing": post(b"", **JSON),
    "not json": post("{", **JSON),
    "not a number": post('{"data": [[NaN, Infinity]]}', **JSON),
    "utf-16": post('{"data": [[1, 2]]}'.encode("utf-16"), **JSON),
    "a mark": post(b'\xef\xbb\xbf{"data": [[1, 2]]}', **JSON),
    "not utf-8": post(b'{"data": "\xff"}', **JSON),
    "deep": post(b'{"data": ' + b"[" * 100_000, **JSON),
    "a charset": post('{"data": [[1, 2]]}', Content_Type="application/json; charset=utf-8"),
    "related json": post('{"data": [[1, 2]]}', Content_Type="application/vnd.a+json"),
    "another content type": post("{}", Content_Type="text/plain"),
    "no content type": post('{"data": [[1, 2]]}'),
    "options": Asked(method="OPTIONS"),
    "head": Asked(method="HEAD"),
    "swagger": get("/swagger.json?version=3.1"),
}
PANDAS = "StandardPythonParameterType({'name': StandardPythonParameterType('a'), 'list': StandardPythonParameterType([1.0])})"


def decorated(name: str, decorators: str, run: str) -> Case:
    return Case(name=f"schemas: {name}", script=f"{HEAD}{decorators}\n{run}\n", asked=ASKED)


DATA = "@input_schema('data', NumpyParameterType(np.array([[1.0, 2.0]])))"
SCALE = "@input_schema('scale', StandardPythonParameterType(1.0))"
CASES = (
    decorated(
        "numbers",
        f"{DATA}\n{SCALE}\n@output_schema(NumpyParameterType(np.array([3.0])))",
        "def run(data, scale=2.0): return (data.sum(axis=1) * scale).tolist()",
    ),
    decorated("one field", DATA, "def run(data): return data.tolist()"),
    decorated(
        "not converted", DATA.replace(")))", ")), convert_to_provided_type=False)"), "def run(data): return data"
    ),
    decorated("optional", f"{DATA[:-1]}, optional=True)", "def run(data=None): return data is None"),
    decorated("nested", f"@input_schema('data', {PANDAS})", "def run(data): return data"),
    decorated("output alone", "@output_schema(StandardPythonParameterType(1))", "def run(data): return data"),
    decorated("headers", DATA, "def run(data, request_headers): return request_headers['Host']"),
    decorated("a keyword", DATA, "def run(*, data): return data.tolist()"),
    decorated("more", DATA, "def run(data, scale=2, **more): return more"),
    decorated("another name", "@input_schema('other', StandardPythonParameterType(1))", "def run(data): return data"),
    decorated("gives an array", DATA, "def run(data): return data"),
    decorated("annotated", DATA, "def run(data: 'Gone') -> 'Gone': return data.tolist()"),
    decorated(
        "raw too",
        "from azureml_inference_server_http.api.aml_request import rawhttp\n@rawhttp\n" + DATA,
        "def run(data): return data",
    ),
    decorated(
        "of a closure",
        "def make(scale):\n    " + DATA + "\n    def run(data): return (data * scale).tolist()\n    return run",
        "run = make(3)",
    ),
    decorated(
        "behind partial",
        f"import functools\n{DATA}\ndef both(data, scale): return (data * scale).tolist()",
        "run = functools.partial(both, scale=2)",
    ),
    decorated("async", DATA, "async def run(data): return data.tolist()"),
    decorated(
        "a pandas frame",
        "try:\n    import pandas\nexcept ImportError: pandas = None",
        "def run(data): return pandas is None",
    ),
)
