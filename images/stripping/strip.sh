#!/bin/sh
# The last command of each image: takes out what installs packages and what gives other rights, and leaves /tmp as the only
# folder in which the image's user may write, also where the root file system is not read-only. What is installed is
# still listed in /var/lib/dpkg/status, which scanners read.
set -eu
for folder in $(echo "$PATH" | tr : ' '); do
  [ ! -x "$folder/python" ] || "$folder/python" - <<'END'
import importlib.util, pathlib, shutil

for name in ("pip", "setuptools", "pkg_resources", "_distutils_hack", "wheel", "ensurepip"):
    found = importlib.util.find_spec(name)
    for folder in map(pathlib.Path, (found and found.submodule_search_locations) or ()):
        shutil.rmtree(folder)
        for beside in (*folder.parent.glob(f"{name}-*.dist-info"), *folder.parent.glob(f"{name}-*.egg-info")):
            shutil.rmtree(beside)
        (folder.parent / "distutils-precedence.pth").unlink(missing_ok=True)
END
  rm -f "$folder"/pip "$folder"/pip[0-9]* "$folder"/wheel "$folder"/easy_install*
done
rm -rf /usr/bin/apt /usr/bin/apt-* /usr/lib/apt /etc/apt /var/lib/apt /var/cache/apt /usr/bin/dpkg /usr/bin/dpkg-* \
  /usr/sbin/dpkg-* /usr/lib/dpkg /root/.cache
find / -xdev -type f -perm /6000 -exec chmod a-s {} +
find / -xdev -type d -perm -0002 ! -path /tmp -exec chmod o-w {} +
