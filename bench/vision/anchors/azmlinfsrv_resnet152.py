"""Entry script for Microsoft's azureml-inference-server-http as its users write it for pictures: torch, torchvision."""

# mypy: ignore-errors
from __future__ import annotations

import os
import time
from pathlib import Path

import torch
from azureml_inference_server_http.api.aml_request import rawhttp
from azureml_inference_server_http.api.aml_response import AMLResponse
from PIL import Image
from torchvision import models, transforms


def init():
    global network, prepare
    network = models.resnet152(weights=None)
    folder = Path(os.environ["AZUREML_MODEL_DIR"])
    network.load_state_dict(torch.load(folder / "resnet152.pth", weights_only=True))
    network.eval()
    prepare = transforms.Compose(
        [
            transforms.Resize(232),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
        ]
    )


@rawhttp
def run(request):
    began = time.perf_counter()
    names = list(request.files)
    pictures = [prepare(Image.open(request.files[name].stream).convert("RGB")) for name in names]
    with torch.no_grad():
        shares = torch.softmax(network(torch.stack(pictures)), dim=1)
    scores, places = shares.topk(3)
    answer = {
        name: [[place, round(score, 4)] for place, score in zip(row, of_row, strict=True)]
        for name, row, of_row in zip(names, places.tolist(), scores.tolist(), strict=True)
    }
    return AMLResponse([answer, f"Computed in {(time.perf_counter() - began) * 1e3:.2f} ms"], 200, json_str=True)
