"""Maintainer scripts: the same users, groups and refusals as the packages' own, and in the same order.

https://github.com/Azure/iotedge/blob/main/edgelet/contrib/debian/preinst
https://github.com/Azure/iot-identity-service/blob/main/contrib/debian/preinst
"""

from __future__ import annotations

_USER = """user() { # NAME HOME GROUPS...
  getent group "$1" > /dev/null || groupadd -r "$1"
  getent passwd "$1" > /dev/null || useradd -r -g "$1" -s /sbin/nologin -d "$2" "$1"
  for group in $3; do usermod -aG "$group" "$1"; done
  mkdir -p "$2"
}
"""

ENGINE_PREINST = "#!/bin/sh\nset -e\ngetent group docker > /dev/null || groupadd -r docker\n"

IDENTITY_PREINST = f"""#!/bin/sh
set -e
{_USER}
user aziotks /var/lib/aziot/keyd ""
user aziottpm /var/lib/aziot/tpmd ""
user aziotcs /var/lib/aziot/certd "aziotks"
user aziotid /var/lib/aziot/identityd "aziotcs aziotks aziottpm"
"""

IDENTITY_POSTINST = """#!/bin/sh
set -e
for pair in keyd:aziotks certd:aziotcs identityd:aziotid tpmd:aziottpm; do
  name=${pair%:*} user=${pair#*:}
  chown -R "$user:$user" "/etc/aziot/$name" "/var/lib/aziot/$name"
  chmod 0400 "/etc/aziot/$name/config.toml.default"
  chmod 0700 "/etc/aziot/$name/config.d" "/var/lib/aziot/$name"
done
chmod 0600 /etc/aziot/config.toml.template
"""

EDGE_PREINST = f"""#!/bin/sh
set -e
if ! getent group docker > /dev/null; then
  echo " ERROR: No container runtime detected."
  echo " Please install a container runtime and run this install again."
  exit 1
fi
{_USER}
user iotedge /var/lib/aziot/edged "docker systemd-journal aziotcs aziotks aziotid"
getent passwd edgeagentuser > /dev/null || useradd -r -g iotedge -s /sbin/nologin -u 13622 edgeagentuser
getent passwd edgehubuser > /dev/null || useradd -r -s /sbin/nologin -u 13623 edgehubuser
"""

EDGE_POSTINST = """#!/bin/sh
set -e
mkdir -p /var/log/aziot/edged
chown iotedge:iotedge /var/lib/aziot/edged /var/log/aziot/edged /etc/aziot/edged/config.toml.default \\
  /etc/aziot/edged/config.d
chmod 0755 /var/lib/aziot/edged /var/log/aziot/edged
chmod 0600 /etc/aziot/config.toml.edge.template
chmod 0400 /etc/aziot/edged/config.toml.default
chmod 0700 /etc/aziot/edged/config.d
"""

DOCKER = """case "$1" in
  version | info | ps) ;;
  *) echo "docker $1 is not built here: a machine's modules run beside it" >&2; exit 1 ;;
esac
path=/$1; [ "$1" = ps ] && path=/containers/json
exec curl -fsS --unix-socket /var/run/docker.sock "http://localhost$path"
"""


def started(*units: str) -> str:
    """The end of a postinst: what debhelper adds for units that are enabled and started."""
    names = " ".join(units)
    return (
        "[ -x /usr/bin/systemctl ] || exit 0\n"
        "systemctl daemon-reload\n"
        f"systemctl enable -q {names}\n"
        f"systemctl start {names} || true\n"
    )
