"""What `@rawhttp` scripts read of a request, and undecorated ones of their bodies, queries and headers."""

from __future__ import annotations

from tests.images.scoring.official.case import Asked, Case, get, post

RAW = (
    "from azureml_inference_server_http.api.aml_request import AMLRequest, rawhttp\n"
    "from azureml_inference_server_http.api.aml_response import AMLResponse\n"
    "def init(): ...\n@rawhttp\n"
)
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="word"\r\n\r\nhi\r\n'
    b'--b\r\nContent-Disposition: form-data; name="word"\r\n\r\n\xc3\xa9\r\n'
    b'--b\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n'
)
QUERIES = {
    "none": "/score",
    "a question mark": "/score?",
    "numbers": "/score?a=1&b=[2]&c=x&c=y",
    "blanks": "/score?a=&b&=c",
    "plus and percent": "/score?a=b+c%20d&e=%C3%A9",
    "percent that is no text": "/score?a=%FF",
    "half a percent": "/score?a=%4",
    "a semicolon": "/score?a=1;b=2",
    "constants": "/score?a=NaN&b=Infinity&c=true&d=null",
    "json": "/score?a=%7B%22b%22%3A1%7D&c=%22x%22",
    "a large number": "/score?a=1e999&b=123456789012345678901234567890",
    "spaces in a value": "/score?a=%201%20",
    "a name in capitals": "/score?A=1&a=2",
    "verbose": "/score?verbose=true",
    "a fragment": "/score?a=1%23b",
}
READS = {
    "method": "request.method",
    "path": "[request.path, request.full_path, request.script_root, request.root_path]",
    "url": "[request.url, request.base_url, request.host_url, request.url_root]",
    "host": "[request.host, request.scheme, request.is_secure]",
    "arguments": "request.args.to_dict(flat=False)",
    "query": "request.query_string.decode('latin-1')",
    "data": "request.data.decode('latin-1')",
    "get_data": "request.get_data().decode('latin-1')",
    "data as text": "request.get_data(as_text=True)",
    "data twice": "[len(request.get_data()), len(request.get_data())]",
    "stream": "request.stream.read().decode('latin-1')",
    "json": "request.get_json(force=True, silent=True)",
    "is json": "[request.is_json, request.mimetype, request.mimetype_params, request.content_type]",
    "json or not": "request.json",
    "form": "request.form.to_dict(flat=False)",
    "files": "{n: [f.filename, f.content_type, len(f.read())] for n, f in request.files.items()}",
    "values": "sorted(request.values.items(multi=True))",
    "length": "[request.content_length, request.headers.get('Content-Length')]",
    "headers": "sorted((n, v) for n, v in request.headers.items() if n != 'Content-Length')",
    "a header": "[request.headers.get('x-who'), request.headers.get('X-WHO'), request.headers.getlist('x-who')]",
    "cookies": "request.cookies.to_dict()",
    "authorization": "None if request.authorization is None else [request.authorization.type, request.authorization.token]",
    "accepts": "[request.accept_mimetypes.best, request.accept_languages.best]",
    "user agent": "request.user_agent.string",
    "referrer": "[request.referrer, request.origin]",
    "remote": "[request.remote_addr, request.environ['REMOTE_ADDR'], request.access_route]",
    "remote port": "request.environ['REMOTE_PORT'].isdigit()",
    "server": "[request.environ['SERVER_PROTOCOL'], request.environ['SERVER_NAME'], request.environ['SERVER_PORT'].isdigit()]",
    "environ": "sorted(n for n in request.environ if n.isupper() and not n.startswith('HTTP_'))",
    "wsgi": "[request.environ['wsgi.version'], request.environ['wsgi.multithread'], request.environ['wsgi.multiprocess']]",
    "routed": "[request.endpoint, request.blueprint, request.view_args, request.routing_exception]",
    "class": "[isinstance(request, AMLRequest), type(request).__name__]",
    "dates": "[request.if_modified_since, request.date]",
    "range": "str(request.range)",
    "etag": "str(request.if_none_match)",
    "charset": "request.mimetype_params.get('charset')",
    "wants": "request.want_form_data_parsed",
    "limits": "request.max_content_length",
    "cache control": "request.cache_control.no_cache",
    "pragma": "sorted(request.pragma)",
    "is multiprocess": "[request.is_multithread, request.is_multiprocess, request.is_run_once]",
}
METHODS = ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
ASKED = {
    "text": post("words", Content_Type="text/plain; charset=latin-1", X_Who="me"),
    "json": post('{"a": 1}', Content_Type="application/json", Cookie="a=1; b=2", Authorization="Bearer abc"),
    "no type": post(b"\x00\xff"),
    "related json": post("[1]", Content_Type="application/problem+json"),
    "form": post("a=1&b=%C3%A9&a=2", Content_Type="application/x-www-form-urlencoded"),
    "multipart": post(FORM, Content_Type="multipart/form-data; boundary=b"),
    "empty": post(b""),
    "query": get("/score?a=1&b=%C3%A9&a=2", X_Who="me", Accept="text/html, */*;q=0.1", User_Agent="u", Referer="r"),
    "chunks": Asked(body=b"words", chunked=True),
    "forwarded": post("x", X_Forwarded_For="1.2.3.4, 5.6.7.8", X_Forwarded_Proto="https", X_Forwarded_Host="h"),
    "underscores": Asked(body=b"x", headers=(("X_Who", "other"), ("X-Who", "me"))),
    "twice": Asked(body=b"x", headers=(("X-Who", "one"), ("X-Who", "two"))),
}
BODIES = {
    "json": post('{"a": [1, 2.5, null]}', Content_Type="application/json"),
    "an accent": post("é"),
    "a mark": post(b"\xef\xbb\xbf1"),
    "not utf-8": post(b"\xff"),
    "utf-16": post("1".encode("utf-16"), Content_Type="application/json; charset=utf-16"),
    "latin-1": post("é".encode("latin-1"), Content_Type="text/plain; charset=latin-1"),
    "nothing": post(b""),
    "line ends": post("a\r\nb\n"),
    "a zero": post(b"a\0b"),
    "long": post(b"x" * 200000),
    "form": post("a=1", Content_Type="application/x-www-form-urlencoded"),
    "multipart": post(FORM, Content_Type="multipart/form-data; boundary=b"),
    "chunks": Asked(body=b"words", chunked=True),
    "xml": post("<a/>", Content_Type="text/xml"),
    "a type that is none": post("x", Content_Type="nonsense"),
    "put": Asked(body=b"x", method="PUT"),
    "patch": Asked(body=b"x", method="PATCH"),
    "delete": Asked(method="DELETE"),
    "a method nobody knows": Asked(method="FOO"),
    "head": Asked(method="HEAD"),
    "options": Asked(method="OPTIONS"),
    "trace": Asked(method="TRACE"),
    "get with a body": Asked(body=b"x", method="GET"),
    "verbose": post("x"),
}
BODIES["verbose"] = Asked(body=b"x", path="/score?verbose=true")
HEADERS = {
    "given": post("x", X_Who="me", x_ms_thing="a", Content_Type="text/plain"),
    "twice": Asked(body=b"x", headers=(("X-Who", "one"), ("X-Who", "two"))),
    "empty": post("x", X_Who=""),
    "underscores": Asked(body=b"x", headers=(("X_Who", "other"),)),
    "digits": post("x", X_1a_B2c="v"),
    "latin-1": post("x", X_Who="é"),
    "spaces": post("x", X_Who="  a  b  "),
    "get": get("/score?a=1", X_Who="me"),
}
CASES = (
    Case(
        name="requests: queries as text",
        script="def init(): ...\ndef run(data): return data\n",
        asked={name: get(path) for name, path in QUERIES.items()},
    ),
    Case(
        name="requests: bodies as text",
        script="def init(): ...\ndef run(data): return [type(data).__name__, data]\n",
        asked=BODIES,
    ),
    Case(
        name="requests: headers",
        script="def init(): ...\ndef run(data, request_headers):\n    leave = ('Content-Length', 'Host')\n"
        "    return [type(request_headers).__name__, sorted(i for i in request_headers.items() if i[0] not in leave)]\n",
        asked=HEADERS,
    ),
    *(
        Case(name=f"raw: {name}", script=f"{RAW}def run(request): return {read}\n", asked=ASKED)
        for name, read in READS.items()
    ),
    Case(
        name="raw: methods of its own",
        script=f"{RAW}def run(request): return AMLResponse(request.method, 200, {{'X-Class': 'a'}})\n",
        asked={m: Asked(method=m, body=b"x" if m in ("PUT", "PATCH") else None) for m in METHODS},
    ),
    Case(
        name="raw: through the old name",
        script="from azureml.contrib.services.aml_request import AMLRequest, rawhttp\n"
        "def init(): ...\n@rawhttp\ndef run(request): return request.get_data(as_text=True)\n",
        asked=ASKED,
    ),
    Case(
        name="raw: the decorator called on another",
        script=f"{RAW}def other(a): ...\ndef run(request): return type(request).__name__ != 'str'\n",
        asked={"post": post("x")},
    ),
    Case(
        name="raw: headers too",
        script=f"{RAW}def run(request, request_headers): return [request.method, request_headers['X-Who']]\n",
        asked={"post": post("x", X_Who="me")},
    ),
    Case(
        name="raw: by keyword",
        script=f"{RAW}def run(*, request): return request.method\n",
        asked={"post": post("x")},
    ),
    Case(name="raw: two that are needed", script=f"{RAW}def run(request, more): return 1\n", asked={"post": post("x")}),
    Case(name="raw: async", script=f"{RAW}async def run(request): return 1\n", asked={"post": post("x")}),
    Case(
        name="raw: the annotation is a note",
        script=f"from typing import TYPE_CHECKING\n{RAW}def run(request: 'AMLRequest') -> 'Gone': return request.method\n",
        asked={"post": post("x")},
    ),
)
