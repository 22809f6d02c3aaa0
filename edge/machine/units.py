"""Units of systemd that run `provision`, and what Docker's own unit gets on a machine in Azure."""

from __future__ import annotations

ACTIVATE = (
    "systemctl daemon-reload",
    "systemctl enable --now edgeway-provision.timer",
    "systemctl enable edgeway-first.service",
)
"""Once the files are in their places; then edgeway-provision.service is started."""
LAST_WORDS = "journalctl -u edgeway-provision -o cat -n 40 --no-pager | grep '^edgeway: ' | tail -n 1"
"""What `provision` said last, as a command of a shell."""

SERVICE = """\
[Unit]
Description=Makes this machine an IoT Edge device
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
Environment=DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
ExecStart=/usr/local/sbin/edgeway-provision
TimeoutStartSec=20min
Restart=on-failure
RestartSec=60s
StandardOutput=journal+console
"""

TIMER = """\
[Unit]
Description=Looks each hour whether the device's key is another one

[Timer]
OnActiveSec=1h
OnUnitInactiveSec=1h
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
"""

# A restart asks the vault for nothing, unless it came before the first run was through.
FIRST = """\
[Unit]
Description=Goes on with the first run of edgeway-provision after a restart
Wants=network-online.target
After=network-online.target
ConditionPathExists=!/var/lib/edgeway/applied

[Service]
Type=oneshot
ExecStart=systemctl --no-block start edgeway-provision.service

[Install]
WantedBy=multi-user.target
"""

# A module that reaches the metadata service gets the machine's token, and with it the device's key. The host's own
# programs are not forwarded, so they still do. Of Azure's other address modules need the name service only. Without
# these rules Docker does not run.
# https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
_KEPT_AWAY = (
    "-d 169.254.169.254 -j DROP",
    "-d 168.63.129.16 -p tcp -m multiport --dports 80,32526 -j DROP",
)
DOCKER_DROP_IN = "[Service]\n" + "".join(
    f"ExecStartPost=/bin/sh -c 'iptables -C DOCKER-USER {rule} 2>/dev/null || iptables -I DOCKER-USER {rule}'\n"
    for rule in _KEPT_AWAY
)
