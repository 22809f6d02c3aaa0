"""Models that pass the image's gate and fail only in place: what users see of them, and what the next `up` does."""

from __future__ import annotations

import time

import pytest

from tests.docs.errors_page import told
from tests.e2e.azureml.online.load import RATE, load
from tests.e2e.azureml.online.place import SEED, Place
from tests.e2e.figures import TABLE
from tests.e2e.stack.broken_model import Fault, broken

pytestmark = pytest.mark.azureml

SECONDS_AT_A_SHARE = 15.0
"""From a share to the one before it again, at the most: five seconds of golden requests and two calls of ARM."""
_RUN = "    rows = request if isinstance(request, list) else [request]\n"
_INIT = "    global _session\n"
FAULTS = {
    # not from its start: what answers otherwise then is never ready, and Azure tells that after all of its probes
    "answers otherwise where Azure ML has set a variable": Fault(
        {
            # what the process was started with: the server itself sets some for the script
            _INIT: _INIT + "    global _asked, _astray\n    _asked = 0\n"
            "    _astray = b'\\0AZUREML_' in b'\\0' + Path('/proc/self/environ').read_bytes()\n",
            _RUN: "    global _asked\n    _asked += 1\n" + _RUN,
            "anomaly=anomaly)": "anomaly=anomaly != (_astray and _asked > 50))",
        },
        (", before its first traffic answers golden example ", " otherwise at $.anomaly: expected ", "is removed"),
    ),
    "fails on every 20th request": Fault(
        {
            _INIT: _INIT + "    global _asked\n    _asked = 0\n",
            _RUN: "    global _asked\n    _asked += 1\n    if _asked % 20 == 0:\n"
            "        raise RuntimeError('on every 20th')\n" + _RUN,
        },
        (", before its first traffic failed 2 of ", " golden requests: 424: ", "on every 20th", "is removed"),
    ),
    "fails on each request after the first 150": Fault(
        {
            _INIT: _INIT + "    global _asked\n    _asked = 0\n",
            _RUN: "    global _asked\n    _asked += 1\n    if _asked > 150:\n"
            "        raise RuntimeError('I am tired')\n" + _RUN,
        },
        (" with 10 % of the traffic of ", " golden request", "424: ", "I am tired", "is removed"),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_model_that_fails_only_in_place_goes_and_the_old_one_serves_all(place: Place, name: str) -> None:
    (old,), fault = place.deployments(), FAULTS[name]
    with load(place) as seen, broken(place.stack, fault):
        refused = place.stack.up(check=False)
    assert refused.returncode == 1, refused.stdout
    (error,) = told(refused.stdout)
    at = [error.find(text) for text in fault.says]
    assert -1 not in at and at == sorted(at), error

    shared = [span for span in seen.spans() if set(span.traffic) != {old}]
    most = sum(RATE * (100 - span.traffic[old]) / 100 * SECONDS_AT_A_SHARE for span in shared)
    TABLE.add(f"a model that {name}", f"the old one serves; {seen.told()}", f"{most:.0f} failed allowed")
    assert len(seen.failed) <= most, seen.told()
    assert {one.status for one in seen.failed} <= {424}
    assert dict(seen.spans()[-1].traffic) == {old: 100}
    assert (place.deployments(), place.containers_of()) == ([old], {old: 1})


def test_the_configuration_of_before_is_no_change_of_what_serves_and_goes_through(place: Place) -> None:
    (old,) = place.deployments()
    changed = place.stack.changes()
    assert not [one for one in changed if "OnlineModel" in one], changed
    place.up()
    assert (place.serving, place.containers_of()) == (old, {old: 1})
    assert place.stack.changes() == {}


def test_a_good_model_goes_through_afterwards(place: Place) -> None:
    old = place.serving
    place.set(SEED, time.time_ns() // 10**8 % 2**31)
    place.up()
    assert place.serving != old
    assert place.containers_of() == {place.serving: 1}
