from __future__ import annotations

import sys

from clone.root import ROOT
from tools.replace_page.page import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
sys.stdout.write(f"wrote {PAGE.relative_to(ROOT)}\n")
