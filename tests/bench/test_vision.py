"""The benchmark of the models that see: its goals, and what it sends."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
from PIL import Image

from bench.vision import networks, pictures, report
from bench.vision.agreement import Agreement, covered, overlaps, painted
from bench.vision.beside import TORCH, Measured, places
from bench.vision.camera.module import number_of, numbered
from bench.vision.camera.rounds import Captured, Memory
from bench.vision.detecting import ASKED, LIVE, WITH_MASKS
from bench.vision.networks import CIFAR, FP32, INT8, MASKRCNN
from images.image_capture.pictures import jpeg
from models.maskrcnn.detector import Found, Outlines
from models.resnet152.model import labels


def measured(milliseconds: float, start: float) -> Measured:
    return Measured(milliseconds=milliseconds, cpu_ms=milliseconds / 2, cold_start_s=start, rss_bytes=500_000_000)


def agreed(matched: int) -> Agreement:
    return Agreement(
        size="640 x 480",
        torch_finds=100,
        we_find=99,
        matched=matched,
        most_pixels=0.01,
        most_score=1e-5,
        masks=0.999,
    )


def results(torch_ms: float = 300) -> report.Results:
    one = {FP32: measured(100, 1), INT8: measured(50, 0.5), TORCH: measured(torch_ms, 4)}
    return report.Results(
        outside={FP32: [{"inside_us": 100_000, "outside_us": 3_000}], CIFAR: [{"inside_us": 900, "outside_us": 300}]},
        beside=[one] * 3,
        detecting=[dict(zip((*ASKED, LIVE), (1000, 2000, 2200, 30), strict=True))],
        agreements=[agreed(100), agreed(97)],
        site_packages_bytes=dict.fromkeys(one, 1_000_000),
        others_busy=0.5,
    )


def test_each_goal_is_a_ratio_of_one_round_and_says_whether_it_is_met() -> None:
    found = {goal.measure: (round(goal.value, 3), goal.met) for goal in report.goals(results())}
    assert found == {
        f"outside session.run, of it: {FP32}": (0.03, True),
        f"outside session.run, of it: {CIFAR}": (0.333, False),
        "as fast as torch: fp32": (3.0, True),
        "as fast as torch: fp32, by CPU": (3.0, True),
        "as fast as torch: int8": (6.0, True),
        "as fast as torch: int8, by CPU": (6.0, True),
        "cold start, of torch's": (0.25, True),
        f"as fast as torch: {MASKRCNN}": (2.2, True),
        f"as fast as torch: {WITH_MASKS}": (1.1, False),
        "/live while maskrcnn looks, ms": (30, True),
        "found as torchvision finds": (0.97, False),
    }
    assert not next(
        goal for goal in report.goals(results(torch_ms=150)) if goal.measure == "as fast as torch: fp32"
    ).met
    assert report.goals(report.Results()) == []


def test_the_report_says_what_was_missed_and_that_it_was_noisy() -> None:
    lines = list(report.text(results()))
    assert [line for line in lines if "MISSED" in line] == [
        line
        for line in lines
        if line.startswith((f"outside session.run, of it: {CIFAR}", f"as fast as torch: {WITH_MASKS}", "found as"))
    ]
    assert sum("640 x 480" in line for line in lines) == 2
    assert lines[-1] == "noisy: others used 50% of the two cores meanwhile"
    assert json.loads(json.dumps(report.document(results())))["beside"][0][TORCH]["milliseconds"] == 300


def test_what_is_measured_of_the_camera_has_its_goals() -> None:
    captured = Captured(frames_per_s=50, p50_ms=20, p99_ms=61, lost=0, camera_cpu_ms=4, detector_cpu_ms=9, hub_cpu_ms=1)
    grown = Memory(camera=(60_000_000, 61_000_000, 64_000_000, 62_000_000), detector=(7,) * 4, pictures=9)
    of = report.Results(captured=[captured, captured], memory=grown)
    assert [(goal.value, goal.met) for goal in report.goals(of)] == [
        (50, True), (61, False), (0, True), (4, True), (0, True)
    ]  # fmt: skip
    lines = "\n".join(report.text(of))
    assert "MISSED" in lines and "60.0 61.0 64.0 62.0" in lines
    assert json.loads(json.dumps(report.document(of)))["memory"]["pictures"] == 9


def test_a_frame_keeps_its_number_through_jpeg() -> None:
    for number in (0, 1, 0b1010101010101010, 0xFFFF):
        frame = numbered(np.full((48, 160, 3), 90, np.uint8), number)
        assert number_of(jpeg(frame)) == number


def test_the_photograph_is_one_of_a_camera_and_the_other_needs_no_scaling() -> None:
    with Image.open(io.BytesIO(pictures.photograph(pictures.CAMERA, "JPEG"))) as image:
        assert (image.format, image.size) == ("JPEG", (640, 480))
    assert min(pictures.UNSCALED) == 232
    assert [(side - 224) % 2 for side in pictures.UNSCALED] == [0, 0]
    body = json.loads(pictures.as_base64(b"png").content)
    assert {name: base64.b64decode(text) for name, text in body.items()} == {"photograph.png": b"png"}


def test_answers_are_compared_by_the_places_of_their_classes() -> None:
    best = [[*labels()[place], 0.1] for place in (287, 3, 5)]
    assert places([{"image": best}, "Computed in 1.00 ms"]) == [287, 3, 5]


def test_the_anchor_has_requirements_of_its_own_and_the_image_those_of_the_model() -> None:
    assert networks.torch_environment().requirements[0].is_file()
    assert [file.name for file in networks.image_environment(CIFAR).requirements] == [
        "requirements.lock",
        "serving.lock",
    ]


def test_boxes_are_matched_by_what_both_cover_and_masks_are_painted_of_their_run_lengths() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], np.float32)
    assert np.allclose(overlaps(boxes[:1], boxes), [[1, 1 / 3, 0]])
    outlines = Outlines(2, 3, [[1, 2, 3]])
    found = Found(boxes=boxes[:1], labels=np.array([1]), scores=np.ones(1, np.float32), outlines=outlines)
    assert painted(found, 0).astype(int).tolist() == [[0, 1, 0], [1, 0, 0]]


def test_masks_that_neither_has_a_pixel_of_agree() -> None:
    nothing, corner = np.zeros((4, 4), np.bool_), np.eye(4, dtype=np.bool_)
    assert (covered(nothing, nothing), covered(corner, nothing), covered(corner, corner)) == (1, 0, 1)


def test_the_photograph_is_sent_with_masks_asked_for_as_a_field_of_the_form() -> None:
    content = pictures.as_form(b"jpeg", "JPEG", masks="true").content
    assert b'name="masks"; filename=""' in content
