"""What `append` returned for is there after kill -9, and nothing else is half there."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from standin.iothub.events.log import EventLog

# appends for ever, three messages a commit, and says after each commit how many there are
_WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from standin.iothub.events.log import Entry, EventLog

log = EventLog(Path(sys.argv[1]), partitions=1, retention=timedelta(days=1), now=lambda: datetime.now(UTC))
total = 0
while True:
    log.append(Entry(0, lambda sequence, _: b"%d" % sequence) for _ in range(3))
    total += 3
    print(total, flush=True)
"""


def test_acknowledged_messages_survive_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) >= 600:
                break
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
    acknowledged = int(rest[-1]) if rest else 600
    log = EventLog(path, partitions=1, retention=timedelta(days=1), now=lambda: datetime.now(UTC))
    found = log.state(0).last_sequence + 1
    assert acknowledged <= found <= acknowledged + 3
    assert found % 3 == 0
    _, bodies = log.read(0, 0, found + 10)
    assert bodies == [b"%d" % number for number in range(found)]
    log.close()
