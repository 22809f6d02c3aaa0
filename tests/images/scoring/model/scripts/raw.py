# mypy: ignore-errors
"""Asks for the raw request and answers with responses of its own: pictures, forms, codes."""

from azureml_inference_server_http.api.aml_request import AMLRequest, rawhttp
from azureml_inference_server_http.api.aml_response import AMLResponse


def init():
    pass


@rawhttp
def run(request):
    if request.method == "GET":
        return AMLResponse({"args": request.args.to_dict(), "url": request.full_path}, 200, json_str=True)
    if request.files:
        picture = request.files["picture"]
        return {"name": picture.filename, "bytes": len(picture.read()), "form": request.form.to_dict()}
    body = request.get_data()
    if body == b"teapot":
        return AMLResponse("short and stout", 418, {"Content-Type": "text/x-pot", "X-Two": "a, b"})
    if body == b"broken":
        return AMLResponse("no", 503)
    if body == b"none":
        return AMLResponse(None, 202)
    if body == b"json":
        return {"is": request.is_json, "header": request.headers["X-Who"]}
    if body == b"raise":
        raise ValueError("on purpose")
    return AMLResponse(body[::-1], 200, {"Content-Type": "image/png", "X-Class": AMLRequest.__name__})
