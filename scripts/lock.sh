#!/usr/bin/env bash
# Resolve pyproject.toml anew into requirements.lock (to run) and requirements.dev.lock (to develop): scripts/lock.sh
#
# Both hold hashes and no addresses, and hold for every platform. The build system is locked too, because the project
# itself is installed without build isolation, which would fetch it unchecked.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv
"$work/venv/bin/python" - >"$work/build.in" <<'PYTHON'
import tomllib

with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["build-system"]["requires"], sep="\n")
PYTHON

compile() {
    "$work/venv/bin/uv" pip compile --quiet --generate-hashes --universal --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"
}
compile pyproject.toml "$work/build.in" --extra dev "$@" -o requirements.dev.lock
compile pyproject.toml "$work/build.in" -c requirements.dev.lock -o requirements.lock
