"""The environment of the module: names of its users, and what is refused."""

from __future__ import annotations

import pytest

from images.image_capture.settings import Endpoint, read_settings
from images.sending.settings import SettingsError


def test_a_video_suffices_and_the_rest_has_defaults() -> None:
    settings = read_settings({"VIDEO_PATH": "/clips/a.mp4"})
    assert (settings.video, settings.endpoint, settings.loop, settings.show) == ("/clips/a.mp4", None, True, True)
    assert (settings.send, settings.gray, settings.annotate) == ("change", False, True)


def test_each_name_has_its_meaning() -> None:
    settings = read_settings(
        {
            "VIDEO_PATH": "rtsp://camera.local/live",
            "CAMERA_CREDENTIALS": "/run/camera",
            "IMAGE_PROCESSING_ENDPOINT": "http://people-detection-service:80/image",
            "IMAGE_PROCESSING_PARAMS": '{"a": 1}',
            "LOOP_VIDEO": "False",
            "CONVERT_TO_GRAY": "True",
            "RESIZE_WIDTH": "320",
            "RESIZE_HEIGHT": "",
            "SEND": "interval",
            "SEND_SECONDS": "2.5",
            "ANNOTATE": "false",
            "VERBOSE": "1",
        }
    )
    assert settings.endpoint == Endpoint(host="people-detection-service", port=80, target="/image?a=1")
    assert (settings.loop, settings.gray, settings.width, settings.height) == (False, True, 320, 0)
    assert (settings.send, settings.send_seconds, settings.annotate, settings.verbose) == ("interval", 2.5, False, True)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VIDEO_PATH", "", "VIDEO_PATH is missing, allowed are a file"),
        ("VIDEO_PATH", "http://camera/a.mjpg", "VIDEO_PATH is no URL that is read (http://...), allowed are a file"),
        ("VIDEO_PATH", "rtsp:///live", "VIDEO_PATH is no URL that is read (rtsp://...)"),
        ("VIDEO_PATH", "rtsp://[broken/", "VIDEO_PATH is no URL"),
        ("VIDEO_PATH", "rtsp://[12]/", "VIDEO_PATH is no URL"),
        ("VIDEO_PATH", "rtsp://camera:99999/live", "VIDEO_PATH is no URL"),
        ("VIDEO_PATH", "rtsps://127.1/live", "VIDEO_PATH is rtsps:// with an address"),
        ("VIDEO_PATH", "rtsps://[::1]:8554/live", "name its CA in CAMERA_CA"),
        ("IMAGE_PROCESSING_ENDPOINT", "https://other/image", "allowed is http://module:port/path"),
        ("IMAGE_PROCESSING_ENDPOINT", "http://host:port/", "allowed is http://module:port/path"),
        ("IMAGE_PROCESSING_PARAMS", "[1]", "IMAGE_PROCESSING_PARAMS is '[1]', allowed is a JSON object"),
        ("LOOP_VIDEO", "often", "LOOP_VIDEO is 'often', allowed are true and false"),
        ("RESIZE_WIDTH", "-1", "RESIZE_WIDTH is '-1', allowed is a whole number from 0 to 4096"),
        ("FRAMES_PER_SECOND", "nan", "FRAMES_PER_SECOND is 'nan', allowed is a number from 0.01 to 60"),
        ("SEND", "always", "SEND is 'always', allowed are change and interval"),
        ("SEND_SECONDS", "-1", "SEND_SECONDS is '-1'"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(name: str, value: str, said: str) -> None:
    given = {"VIDEO_PATH": "pattern", "IMAGE_PROCESSING_ENDPOINT": "http://detector/image", name: value}
    with pytest.raises(SettingsError) as refused:
        read_settings(given)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "url", "said"),
    [
        ("VIDEO_PATH", "rtsp://admin:hunter2@camera/", "has a user in its URL"),
        ("IMAGE_PROCESSING_ENDPOINT", "http://a:hunter2@b/", "has a user in its URL"),
        ("VIDEO_PATH", "http://camera/video?pwd=hunter2", "is no URL that is read (http://...)"),
        ("VIDEO_PATH", "rtsp://camera;admin:hunter2", "is no URL that is read (rtsp://...)"),
        ("VIDEO_PATH", "rtsp:/admin:hunter2@camera", "a file with : or @ begins with / or ./"),
        ("VIDEO_PATH", "rtsp//admin:hunter2@camera", "a file with : or @ begins with / or ./"),
        ("VIDEO_PATH", "//admin:hunter2@camera", "a file with : or @ begins with / or ./"),
        ("IMAGE_PROCESSING_ENDPOINT", "http://b/?key=hunter2", "is 'http://b/', allowed is"),
    ],
)
def test_a_url_in_which_a_password_may_stand_is_refused_without_telling_it(name: str, url: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"VIDEO_PATH": "pattern", name: url})
    assert str(refused.value).startswith(name) and said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_file_may_be_called_as_it_likes_where_it_begins_as_a_file() -> None:
    for video in ("/clips/a@2x.mp4", "./10:30.mp4", "clips/a.mp4", "/clips//a.mp4"):
        assert read_settings({"VIDEO_PATH": video}).video == video
