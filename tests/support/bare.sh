#!/bin/sh
# `make bare`: does the README hold on a machine that has nothing? Builds Debian 12 from debootstrap's minbase with
# python3, python3-venv, make and git alone, clones the present commit into it and runs `make run` and `make test`
# there, as root and as an ordinary user. Nothing of this machine is changed: it all happens in a mount and process
# namespace of its own, in BARE_DIR. How this machine reaches packages (mirror, index, proxy, certificates) is taken
# over when it runs.
#
#   BARE_DIR     where such machines lie (~/.cache/kepuxing-bare); the bare one is kept for a week
#   BARE_TESTS   what pytest gets on the way, e.g. "tests/unit -q": for trying this script itself
set -eu

place=${BARE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/kepuxing-bare}
base=$place/base
machine=$place/machine
suite=bookworm

say() { printf '%s\n' "== $*"; }
stop() {
    printf '%s\n' "$*" >&2
    exit 1
}
now() { date +%s; }

# ------------------------------------------------------------------------------ from outside: make the machine

# How this machine reaches the world, as lines of NAME=value for the bare one.
ways() {
    env | grep -iE '^(https?_proxy|no_proxy|all_proxy)=' || true
    certificates=/etc/ssl/certs/ca-certificates.crt
    if [ -e "$certificates" ]; then
        for name in PIP_CERT NODE_EXTRA_CA_CERTS SSL_CERT_FILE GIT_SSL_CAINFO; do echo "$name=$certificates"; done
    fi
    if command -v pip >/dev/null 2>&1; then
        for key in index-url trusted-host proxy; do
            value=$(pip config get "global.$key" 2>/dev/null || pip config get "user.$key" 2>/dev/null || true)
            name=PIP_$(echo "$key" | tr 'a-z-' 'A-Z_')
            [ -z "$value" ] || echo "$name=$value"
        done
    fi
    env | grep -E '^PIP_(INDEX_URL|TRUSTED_HOST|PROXY|DEFAULT_TIMEOUT)=' || true
    if command -v npm >/dev/null 2>&1; then
        for key in registry proxy https-proxy; do
            value=$(cd / && npm config get "$key" 2>/dev/null || true)
            name=NPM_CONFIG_$(echo "$key" | tr 'a-z-' 'A-Z_')
            case $value in '' | null | undefined) ;; *) echo "$name=$value" ;; esac
        done
    fi
}

# The mirror of this machine's own sources, or nothing: debootstrap knows one.
mirror() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
        sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb (\[[^]]*\] )?([^ ]+) .*/\2/p' | grep '/debian/*$' | head -n 1 || true
}

make_base() {
    if [ -e "$base/.complete" ] && [ -z "$(find "$base/.complete" -mtime +7)" ]; then return; fi
    rm -rf "$base"
    mkdir -p "$base"
    say "debootstrap: Debian $suite, minbase"
    # shellcheck disable=SC2046
    debootstrap --variant=minbase "$suite" "$base" $(mirror) >"$place/debootstrap.log" || {
        tail -n 20 "$place/debootstrap.log" >&2
        stop "debootstrap failed; the rest of it is in $place/debootstrap.log"
    }
    take_over_network "$base"
    chroot "$base" /bin/sh -ec 'export DEBIAN_FRONTEND=noninteractive
        apt-get -qq update
        apt-get -qq install -y --no-install-recommends python3 python3-venv make git >/dev/null 2>&1
        useradd --create-home --shell /bin/sh visitor'
    touch "$base/.complete"
}

take_over_network() {
    cat /etc/resolv.conf >"$1/etc/resolv.conf"
    cat /etc/hosts >"$1/etc/hosts"
    if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
        mkdir -p "$1/etc/ssl/certs"
        cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
    fi
    for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
        if [ -e "$file" ] && grep -q "$suite" "$file"; then
            rm -f "$1/etc/apt/sources.list"
            mkdir -p "$1${file%/*}" && cp "$file" "$1$file"
            break
        fi
    done
    apt-config dump 2>/dev/null | grep -iE '^Acquire::(http|https)::(Proxy|CaInfo)' >"$1/etc/apt/apt.conf.d/90network" || true
}

outside() {
    [ "$(id -u)" = 0 ] || stop "make bare builds a machine of its own and needs root."
    for program in debootstrap unshare chroot git; do
        command -v "$program" >/dev/null 2>&1 || stop "make bare needs $program (Debian: apt-get install debootstrap util-linux git)."
    done
    mkdir -p "$place"
    make_base
    rm -rf "$machine"
    cp -a "$base" "$machine"
    take_over_network "$machine"
    ways | sed "s/'/'\\\\''/g; s/=\(.*\)/='\1'/; s/^/export /" >"$machine/etc/kepuxing-ways"
    git bundle create --quiet "$machine/srv/kepuxing.bundle" HEAD
    cp "$0" "$machine/srv/bare.sh"
    [ -z "$(git status --porcelain)" ] || say "Note: what is not committed is not tried."
    say "Commit $(git rev-parse --short HEAD) on a bare machine in $machine"
    unshare --mount --pid --fork --propagation private sh "$0" --mount "$machine" "${BARE_TESTS:-}"
    rm -rf "$machine"
    say "Both commands hold on a bare machine, for root and for an ordinary user."
}

enter() {
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    mount -t tmpfs tmpfs "$1/dev/shm"
    mount --rbind /sys "$1/sys"
    exec chroot "$1" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        LANG=C.UTF-8 BARE_TESTS="$2" sh /srv/bare.sh --inside
}

# ------------------------------------------------------------------------------ from inside: the two commands

# as WHO COMMAND: in that person's clone, with an environment that holds nothing else.
as() {
    home=$(getent passwd "$1" | cut -d: -f6)
    runuser -u "$1" -- /usr/bin/env -i HOME="$home" PATH="$PATH" LANG=C.UTF-8 PORT="${port:-8000}" BARE_TESTS="$BARE_TESTS" \
        sh -c ". /etc/kepuxing-ways; $2"
}

answers() {
    python3 -c "import urllib.request as web, sys
for page in ('/', '/events', '/readyz'):
    with web.urlopen('http://127.0.0.1:$1' + page, timeout=5) as answer:
        text = answer.read().decode()
        sys.exit('nothing') if answer.status != 200 or not text else None" 2>/dev/null
}

serves() {
    port=$2
    began=$(now)
    as "$1" 'cd ~/kepuxing && exec setsid make run' >"/srv/run-$1.log" 2>&1 &
    server=$!
    until answers "$port"; do
        if ! kill -0 "$server" 2>/dev/null || [ $(($(now) - began)) -gt 600 ]; then
            tail -n 40 "/srv/run-$1.log" >&2
            stop "make run as $1 does not answer."
        fi
        sleep 1
    done
    say "make run as $1: answered after $(($(now) - began)) s"
    # Everything of it, known by its port: make, the server and its workers.
    for process in /proc/[0-9]*; do
        { tr '\0' '\n' <"$process/environ" | grep -qx "PORT=$port" && kill "${process#/proc/}"; } 2>/dev/null || true
    done
    wait "$server" || true
}

passes() {
    began=$(now)
    code=0
    as "$1" 'cd ~/kepuxing && PYTEST_ADDOPTS="$BARE_TESTS" make test' >"/srv/test-$1.log" 2>&1 || code=$?
    say "make test as $1: ended with $code after $(($(now) - began)) s: $(grep -E '(passed|failed|error).* in [0-9]' "/srv/test-$1.log" | tail -n 1)"
    [ "$code" = 0 ] || {
        tail -n 60 "/srv/test-$1.log" >&2
        stop "The whole log: srv/test-$1.log in the machine's folder."
    }
}

inside() {
    for who in root visitor; do
        as "$who" 'git clone --quiet -c advice.detachedHead=false /srv/kepuxing.bundle ~/kepuxing'
    done
    serves root 8701
    serves visitor 8702
    # Before root has installed anything, a user is told what to install, and how.
    as visitor 'cd ~/kepuxing && sh tests/support/machine.sh' 2>&1 | grep -q 'apt-get install' ||
        stop "make test does not say to a user what this machine lacks."
    say "make test as visitor, before: says what is missing and how to install it"
    before=$(du -smx / | cut -f1)
    passes root
    say "what make test needs: $(($(du -smx / | cut -f1) - before)) MB"
    passes visitor
}

case ${1:-} in
--mount) enter "$2" "$3" ;;
--inside) inside ;;
*) outside ;;
esac
