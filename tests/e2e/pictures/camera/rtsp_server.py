# mypy: disable-error-code="import-not-found,import-untyped"
"""GStreamer's RTSP server as a camera: H.264 of a moving ball, and who looks must log in.

Run by the Python that Debian's `python3-gi` belongs to: rtsp_server.py ADDRESS PORT USER PASSWORD-FILE. Prints a line
once it listens. https://gstreamer.freedesktop.org/documentation/gst-rtsp-server/
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - after their versions

PIPELINE = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=480,framerate=20/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=20 ! rtph264pay name=pay0 pt=96 )"
)
ROLE = "viewer"


def served(address: str, port: str, user: str, password: str) -> Any:
    server = GstRtspServer.RTSPServer(address=address, service=port)
    factory = GstRtspServer.RTSPMediaFactory(launch=PIPELINE, shared=True)
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(2)  # digest: GST_RTSP_AUTH_DIGEST
    auth.add_digest(user, password, role(factory))
    server.set_auth(auth)
    server.get_mount_points().add_factory("/live", factory)
    if not server.attach(None):
        raise SystemExit(f"{address}:{port} cannot be listened at")
    return server


def role(factory: Any) -> Any:
    """Who has it may look."""
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(ROLE, "media.factory.access", True)
    permissions.add_permission_for_role(ROLE, "media.factory.construct", True)
    factory.set_permissions(permissions)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    return token


if __name__ == "__main__":
    Gst.init(None)
    running = served(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]).read_text().strip())
    print(f"listening at {sys.argv[1]}:{running.get_bound_port()}", flush=True)
    GLib.MainLoop().run()
