# sh install.sh LOCK [OPTION...]: into /app/venv, by hash, wheels only; a package that is there in another version stops
# the build. Says what the entry script's own packages add, as who deploys sees that line (docker_engine.py).
set -eu
lock=$1; shift
before=$(du -sm /app/venv | cut -f1)
python -m pip --python /app/venv/bin/python install --no-cache-dir --disable-pip-version-check \
  --root-user-action=ignore --no-deps --require-hashes --only-binary=:all: "$@" -r "$lock"
[ "$lock" = serving.lock ] || exit 0
added=$(($(du -sm /app/venv | cut -f1) - before))
echo "edgeway: the entry script's own packages (serving.lock) add $added MB"
