#!/usr/bin/env bash
# Makes the disk image of all machines, Debian 12 with systemd and cloud-init as Debian packs them, as the Docker image
# that the first argument names. It holds nothing of the stand-in's: that is put into each machine when it is made.
# By mmdebstrap where that is (root, no registry asked), else by Docker from debian:12.
set -euo pipefail

IMAGE=$1
PACKAGES=adduser,apt,ca-certificates,cloud-init,curl,dbus,gpg,gpgv,hostname,iproute2,lsb-release,passwd,procps,psmisc,python3,sed,sudo,systemd,systemd-sysv,util-linux

# What a container has not got, or nobody serves it here: devices, network set-up, a clock to set, package timers.
MASKED="apt-daily.timer apt-daily-upgrade.timer console-getty.service dpkg-db-backup.timer e2scrub_all.timer fstrim.timer
getty.target getty-static.service networking.service systemd-networkd.service systemd-networkd-wait-online.service
systemd-resolved.service systemd-timesyncd.service systemd-udevd.service systemd-udev-trigger.service
systemd-logind.service sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount
dev-mqueue.mount proc-sys-fs-binfmt_misc.automount"

# The same for both ways; run in the new root. OpenSSL's own file of authorities is Debian's bundle, so that one file
# put into a machine is believed by curl, apt and Python.
settle=$(cat <<END
set -e
systemctl mask $(echo $MASKED)
systemctl set-default multi-user.target
printf 'datasource_list: [NoCloud]\n' > /etc/cloud/cloud.cfg.d/90_dpkg.cfg
printf 'preserve_hostname: true\nlocale: false\nnetwork: {config: disabled}\nmanage_etc_hosts: false\n' > /etc/cloud/cloud.cfg.d/98-machine.cfg
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/* /var/log/* /usr/share/doc/* /usr/share/man/*
printf 'Acquire::Languages "none";\n' > /etc/apt/apt.conf.d/90-machine
ln -sf /etc/ssl/certs/ca-certificates.crt /usr/lib/ssl/cert.pem
: > /etc/machine-id
END
)

by_mmdebstrap() {
  local folder archive; folder=$(mktemp -d); archive=$folder/root.tar
  trap 'rm -rf "$folder"' RETURN
  printf '%s\n' "$settle" > "$folder/settle"
  mmdebstrap --quiet --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include="usr-is-merged,$PACKAGES" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --customize-hook="copy-in $folder/settle /tmp" --customize-hook='chroot "$1" sh /tmp/settle' \
    --customize-hook='rm -f "$1"/tmp/settle' bookworm "$archive"
  docker import --change 'ENV container=docker' --change 'CMD ["/sbin/init"]' \
    --change 'LABEL edgeway.image=machine' "$archive" "$IMAGE"
}

by_docker() {
  docker build --tag "$IMAGE" --label edgeway.image=machine - <<END
FROM debian:12
ENV container=docker
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(echo "$PACKAGES" | tr , ' ') \
 && echo $(printf '%s\n' "$settle" | base64 -w0) | base64 -d | sh
CMD ["/sbin/init"]
END
}

if command -v mmdebstrap > /dev/null && [ "$(id -u)" = 0 ]; then by_mmdebstrap; else by_docker; fi
