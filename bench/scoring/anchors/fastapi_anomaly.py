"""FastAPI as its users write it: pydantic models, an async handler, scikit-learn. `uvicorn fastapi_anomaly:app`."""

# mypy: ignore-errors
from __future__ import annotations

import os
from pathlib import Path

import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel


class Machine(BaseModel):
    temperature: float
    pressure: float


class Ambient(BaseModel):
    temperature: float
    humidity: float


class Telemetry(BaseModel):
    machine: Machine
    ambient: Ambient
    timeCreated: str | None = None


class Scored(Telemetry):
    anomaly: bool


app = FastAPI()
model = joblib.load(Path(os.environ["MODEL_DIR"]) / "model.joblib")


@app.post("/score")
async def score(body: Telemetry | list[Telemetry]) -> Scored | list[Scored]:
    rows = body if isinstance(body, list) else [body]
    features = np.array(
        [[r.machine.temperature, r.machine.pressure, r.ambient.temperature, r.ambient.humidity] for r in rows],
        dtype=np.float32,
    )
    labels = model.predict(features)
    answers = [
        Scored(machine=row.machine, ambient=row.ambient, timeCreated=row.timeCreated, anomaly=bool(label))
        for row, label in zip(rows, labels, strict=True)
    ]
    return answers if isinstance(body, list) else answers[0]
