"""Says what a container is let do, in one line of JSON; then answers its probes, and whoever connects.

SCORING_TLS_PORT   bound as root; whoever connects gets the line's variant
SCORING_PORT       GET anything: 200, for liveness and readiness
SCORING_SECRETS    the folder of the secret volume; names, owners and modes are told, contents are not
PROBE_VARIANT      told, to see which image runs: it is set in the image
"""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from pathlib import Path

USER = 10001
_UNPRIVILEGED = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
_STATUS = Path("/proc/self/status")
_OTHER_PORT = 8443


def main() -> None:
    secrets = Path(os.environ.get("SCORING_SECRETS", "/var/run/edgeway/secrets"))
    report: dict[str, object] = {
        "variant": os.environ.get("PROBE_VARIANT", ""),
        "uid": os.getuid(),
        "gid": os.getgid(),
        "status": status(),
        "portStart": text(_UNPRIVILEGED),
        "files": files(secrets),
        "readsAsRoot": readable(secrets),
    }
    listening, report["bindsAsRoot"] = bound(int(os.environ.get("SCORING_TLS_PORT", "443")))
    report["drops"] = dropped()
    report["readsAsUser"] = readable(secrets)
    other, report["bindsOtherAsUser"] = bound(_OTHER_PORT)
    if other is not None:
        other.close()
    # one line, which is what is looked for in the log
    print(json.dumps(report), flush=True)
    if listening is not None:
        threading.Thread(target=greet, args=(listening, str(report["variant"])), daemon=True).start()
    plain, how = bound(int(os.environ.get("SCORING_PORT", "5001")))
    if plain is None:
        raise SystemExit(f"the probes' port: {how}")
    answer(plain)


def status() -> dict[str, str]:
    """Capabilities, and what else the kernel says of this process' rights."""
    wanted = ("CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Groups")
    lines = (line.partition(":") for line in text(_STATUS).splitlines())
    return {name: value.strip() for name, _, value in lines if name in wanted}


def files(folder: Path) -> list[dict[str, object]]:
    """As `ls -ln` shows them, through links."""
    try:
        entries = [folder, *sorted(folder.iterdir())]
        found = [(entry.name, entry.stat()) for entry in entries]
    except OSError as error:
        return [{"error": error.strerror or str(error)}]
    return [
        {"name": name, "mode": stat.filemode(one.st_mode), "uid": one.st_uid, "gid": one.st_gid, "size": one.st_size}
        for name, one in found
    ]


def readable(folder: Path) -> str:
    """`all`, or why not."""
    try:
        for entry in folder.iterdir():
            if entry.is_file():
                entry.read_bytes()
    except OSError as error:
        return error.strerror or str(error)
    return "all"


def bound(port: int) -> tuple[socket.socket | None, str]:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("", port))
        listening.listen()
    except OSError as error:
        listening.close()
        return None, error.strerror or str(error)
    return listening, "bound"


def dropped() -> str:
    """From root to the user that everything else runs as, as the scoring server does."""
    try:
        os.setgroups([])
        os.setgid(USER)
        os.setuid(USER)
    except OSError as error:
        return error.strerror or str(error)
    return f"{os.getuid()}:{os.getgid()}"


def greet(listening: socket.socket, variant: str) -> None:
    while True:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(f"{variant}\n".encode())


def answer(listening: socket.socket) -> None:
    """200 to any request. By hand: what a library imports when it is used the other user may not read."""
    while True:
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        return error.strerror or str(error)


if __name__ == "__main__":
    main()
