"""The message contract between sensor, scorer and hub (inputs, outputs, properties, module names).

The body is the machine's telemetry: `{"machine":{"temperature","pressure"},"ambient":{"temperature","humidity"},
"timeCreated"}`; a scored message has the same body plus the model's answer.
"""

from __future__ import annotations

MODULE_SENSOR = "sensor"
MODULE_SCORER = "scorer"

INPUT_SCORER = "amlInput"
OUTPUT_SCORER = "amlOutput"
OUTPUT_SENSOR = "temperatureOutput"
INPUT_CONTROL = "control"
METHOD_RESET = "reset"

PROPERTY_RESPONSE = "AzureMLResponse"
RESPONSE_OK = "OK"
PROPERTY_MODEL = "model"
"""Version of the model that scored the message: the first 12 hex digits of the artifact's digest."""
PROPERTY_SEQUENCE_NUMBER = "sequenceNumber"
PROPERTY_BATCH_ID = "batchId"

CONTENT_TYPE = "application/json"
CONTENT_ENCODING = "utf-8"
