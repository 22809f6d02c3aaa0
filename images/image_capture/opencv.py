"""OpenCV, which is imported here alone: what it reads of the environment while it is loaded stands there before."""

from __future__ import annotations

import os

from images.image_capture.settings import MOST_PIXELS

# its lines, and those of the reader in it, may show a URL with what stands before the @
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# a file's head is held against it, before anything is unpacked
os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(MOST_PIXELS)

import cv2

cv2.setNumThreads(1)

__all__ = ["cv2"]
