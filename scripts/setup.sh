#!/usr/bin/env bash
# Everything `make run`, `make test` and `make lint` need, fetched once: scripts/setup.sh run|test|lint
#
# A step leaves a stamp in .setup/ with the hash of what it was made from. With a current stamp it does nothing, so a
# second run is quick; an interrupted step leaves none and is done again.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?usage: scripts/setup.sh run|test|lint}
state=.setup
mkdir -p "$state"

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "" "$@"
    exit 1
}

# --- Programs from the system ------------------------------------------------------------------------------------

python_fits() { "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3; do
        if python_fits "$name"; then
            command -v "$name"
            return
        fi
    done
    return 1
}

node_fits() { node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null; }

debian_packages() { # of this target, besides Python and Node
    if [ "$target" = test ]; then
        echo chromium mosquitto postgresql python3-gi gir1.2-gst-rtsp-server-1.0 \
            gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
    fi
}

missing_packages() {
    [ -x .venv/bin/python ] || find_python >/dev/null || echo python3 python3-venv
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
    local wanted
    wanted=$(debian_packages)
    if [ -n "$wanted" ] && command -v dpkg-query >/dev/null; then
        local here
        # shellcheck disable=SC2086 # one word for each package
        here=$(dpkg-query -W -f '${Package} ${Status}\n' $wanted 2>/dev/null | sed -n 's/ install ok installed$//p')
        comm -23 <(tr ' ' '\n' <<<"$wanted" | sort) <(sort <<<"$here")
    fi
}

system_packages() {
    local missing
    missing=$(missing_packages | tr '\n' ' ')
    missing=${missing%% }
    [ -n "${missing// /}" ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "make $target needs programs that are not on this machine. Install them, then run it again:" \
            "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing"
    fi
    # shellcheck disable=SC2086
    step "Debian packages: $missing" packages apt_install $missing
    node_fits || fail "Node 20 or newer is needed, this machine has $(node --version 2>/dev/null || echo none)." \
        "    Install it from nodejs.org or your system's backports, then run make $target again."
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=300 -q update
    apt-get -o DPkg::Lock::Timeout=300 -qy install --no-install-recommends "$@"
}

# --- Steps and stamps --------------------------------------------------------------------------------------------

step() { # step "What it is" LOG COMMAND...: quiet when it works, its log when it does not
    local what=$1 log=$state/$2.log began=$SECONDS
    shift 2
    say "  ... $what"
    set -m # a process group of its own, so that an interrupted set-up takes all of it along
    ("$@") >"$log" 2>&1 </dev/null 9>&- &
    child=$!
    set +m
    trap interrupted INT TERM HUP # anew, because a subshell begins without
    if ! wait "$child"; then
        { head -n 20 "$log" && tail -n +21 "$log" | tail -n 20; } >&2
        say "" "  FAILED: $what. The whole log: $log. What was done stays; run make again to go on."
        return 1
    fi
    child=
    say "  ok  $what ($((SECONDS - began)) s)"
}

is_current() { [ "$(cat "$state/$1.stamp" 2>/dev/null)" = "$2" ]; }
stamp() { printf '%s\n' "$2" >"$state/$1.stamp"; }
hash_of() { cat "$@" | sha256sum | cut -c1-64; } # contents of files
hash_of_tree() { # contents and names of everything below $1 that is source
    find "$1" \( -name node_modules -o -name dist -o -name coverage \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-64
}

# --- Python: .venv with exactly what the lock file names ----------------------------------------------------------

python_hash() { echo "$(hash_of "$1" pyproject.toml) $PWD"; }

python_environment() {
    local lock=requirements.dev.lock name=python-dev
    if [ "$target" = run ]; then
        # The development environment holds everything that running needs.
        ! python_is_current python-dev requirements.dev.lock || return 0
        lock=requirements.lock name=python-run
    fi
    ! python_is_current "$name" "$lock" || return 0
    step "Python packages (the first time this takes a minute or two)" "$name" install_python "$lock"
    stamp "$name" "$(python_hash "$lock")"
}

python_is_current() { is_current "$1" "$(python_hash "$2")" && .venv/bin/python -c 'import custos' 2>/dev/null; }

install_python() {
    local lock=$1
    # An install that was cut off may have left half a package that pip takes for a whole one: begin again.
    if [ -e "$state/python.unfinished" ] || ! .venv/bin/python -m pip --version; then
        rm -rf .venv "$state"/python-*.stamp
    fi
    touch "$state/python.unfinished"
    [ -d .venv ] || "$(find_python)" -m venv .venv
    local pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input install)
    "${pip[@]}" --require-hashes -r "$lock"
    "${pip[@]}" --no-deps --no-build-isolation -e .
    rm "$state/python.unfinished"
}

# --- Console, the reference graphs' runner, the model -------------------------------------------------------------

npm_packages() { # npm_packages NAME FOLDER
    [ -e "$2/package-lock.json" ] || return 0
    local hash
    hash="$(hash_of "$2/package.json" "$2/package-lock.json") $(node --version)"
    ! { is_current "$1" "$hash" && [ -d "$2/node_modules" ]; } || return 0
    rm -f "$state/$1.stamp"
    step "npm packages of $2" "$1" npm --prefix "$2" ci --no-audit --no-fund
    stamp "$1" "$hash"
}

console() {
    [ -e console/package.json ] || return 0
    npm_packages console-packages console
    local hash
    hash=$(hash_of_tree console)
    ! { is_current console "$hash" && [ -e console/dist/index.html ]; } || return 0
    rm -f "$state/console.stamp"
    step "console" console npm --prefix console run build
    stamp console "$hash"
}

model() {
    local folder=${CUSTOS_MODELS:-${XDG_CACHE_HOME:-$HOME/.cache}/custos/models}
    if ! compgen -G "$folder/*.onnx" >/dev/null; then
        step "detection model" model .venv/bin/custos models pull
    fi
}

# --- All of it ----------------------------------------------------------------------------------------------------

exec 9>"$state/lock"
if ! flock -n 9; then
    say "  ... another set-up is at work here; waiting for it"
    flock 9
fi
child= # process group of the step at work in this shell
interrupted() {
    [ -z "$child" ] || kill -TERM -- "-$child" 2>/dev/null || true
    # shellcheck disable=SC2046 # one word for each job
    kill -TERM $(jobs -p) 2>/dev/null || true
    exit 130
}
trap interrupted INT TERM HUP
trap wait EXIT # let the steps beside a failed one come to an end

system_packages
running=()
in_background() {
    "$@" &
    running+=($!)
}
in_background console
if [ "$target" = test ]; then in_background npm_packages tfjs tests/tfjs; fi
python_environment
if [ "$target" != lint ]; then model; fi
for job in "${running[@]}"; do wait "$job"; done
