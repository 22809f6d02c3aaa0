"""Mask R-CNN finds what torchvision finds, at full width and with the same weights, in pictures of seven sizes.

torch is 4.8 GB, in an environment of its own under `.local/bench` that `make bench-vision` shares; made once.
"""

from __future__ import annotations

import pytest

from bench.vision import networks
from bench.vision.agreement import SIZES, agreements
from tests.e2e.figures import TABLE

pytestmark = pytest.mark.pictures

SHARE, PIXELS, SCORE, MASKS = 0.98, 0.5, 1e-3, 0.99
"""The least of what is found, the most that sides and scores differ, and the least that masks cover of one another."""


def test_mask_r_cnn_finds_what_torchvision_finds() -> None:
    networks.torch_environment().make()
    networks.artifact(networks.MASKRCNN)
    found = agreements()
    for one in found:
        matched = f"{one.matched} of {one.torch_finds}"
        TABLE.add(f"Mask R-CNN beside torchvision, {one.size}", matched, f"masks {one.masks:.4f}")
    assert [one.size for one in found] == [f"{width} x {height}" for width, height in SIZES]
    for one in found:
        assert one.torch_finds > 0 and one.share >= SHARE, one
        assert one.most_pixels <= PIXELS and one.most_score <= SCORE and one.masks >= MASKS, one
