"""Entry script for Microsoft's azureml-inference-server-http as its users write it for detection: torchvision."""

# mypy: ignore-errors
from __future__ import annotations

import os
import time
from pathlib import Path

import torch
from azureml_inference_server_http.api.aml_request import rawhttp
from azureml_inference_server_http.api.aml_response import AMLResponse
from PIL import Image
from torchvision import models
from torchvision.models.detection._utils import overwrite_eps
from torchvision.transforms import functional


def init():
    global network
    network = models.detection.maskrcnn_resnet50_fpn(weights=None, weights_backbone=None)
    folder = Path(os.environ["AZUREML_MODEL_DIR"])
    network.load_state_dict(torch.load(folder / "maskrcnn.pth", weights_only=True))
    overwrite_eps(network, 0.0)  # as torchvision does for the weights that it publishes
    network.eval()


@rawhttp
def run(request):
    began = time.perf_counter()
    pictures = [functional.to_tensor(Image.open(request.files[name].stream).convert("RGB")) for name in request.files]
    with torch.no_grad():
        found = network(pictures)
    answer = [{part: one[part].tolist() for part in ("boxes", "labels", "scores")} for one in found]
    return AMLResponse([answer, f"Computed in {(time.perf_counter() - began) * 1e3:.2f} ms"], 200, json_str=True)
