#!/usr/bin/env bash
# What `make test-pictures` shows the camera's module with: a browser, and GStreamer's RTSP server as a camera that is
# not ours. Prints where Chromium is and the Python that knows GStreamer, a line each; everything else goes to stderr.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"

PACKAGES="chromium python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly"
# the one of Debian, whichever others are on PATH
PYTHON=/usr/bin/python3

there() {
  command -v chromium >/dev/null && "$PYTHON" - 2>/dev/null <<'PY'
import gi
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
assert all(Gst.ElementFactory.find(name) for name in ("videotestsrc", "x264enc", "rtph264pay"))
PY
}

install_packages() {
  plan "Chromium and GStreamer's RTSP server" "from Debian's archive (apt-get install, system-wide)"
  step "camera: package lists" apt-get -qq update >&2
  # shellcheck disable=SC2086 - words
  step "camera: install" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $PACKAGES >&2
}

if ! there; then
  debian_root || die "a browser or an RTSP server is missing, and only root on Debian can install them by this script. Install $PACKAGES."
  alone "$@"
  install_packages
  there || die "$PACKAGES are installed, and GStreamer's RTSP server cannot be loaded by $PYTHON all the same."
fi
command -v chromium
echo "$PYTHON"
