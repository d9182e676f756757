#!/bin/sh
# Programs of the machine that the tests use: PostgreSQL's own binaries, Chromium, Firefox, WebKitGTK, zbarimg, Pango,
# a Chinese font, and what the driver of the browser tests is linked with.
# As root on Debian or Ubuntu, installs what is missing; elsewhere says loudly what to install and goes on
# (the tests that need it then fail and say so too).
set -eu

missing=""
need() { missing="$missing $1"; }

ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || need postgresql
command -v chromium >/dev/null 2>&1 || need chromium
command -v firefox-esr >/dev/null 2>&1 || command -v firefox >/dev/null 2>&1 || need firefox-esr
command -v WebKitWebDriver >/dev/null 2>&1 || need webkit2gtk-driver
command -v Xvfb >/dev/null 2>&1 || need xvfb # WebKitGTK draws on a screen
ldconfig -p 2>/dev/null | grep -q 'libatomic\.so\.1' || need libatomic1 # playwright's own node
command -v zbarimg >/dev/null 2>&1 || need zbar-tools
command -v pdftoppm >/dev/null 2>&1 || need poppler-utils
ldconfig -p 2>/dev/null | grep -q 'libical\.so' || need libical3 # one of the calendar programs that read our feeds
ldconfig -p 2>/dev/null | grep -q 'libpangoft2-1.0\.so' || need "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" # PDF
ls /usr/share/fonts/opentype/noto/*CJK* >/dev/null 2>&1 || need fonts-noto-cjk

[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing what the tests use on this machine:$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=400 -qq update
    # shellcheck disable=SC2086
    apt-get -o DPkg::Lock::Timeout=400 -qq install -y --no-install-recommends $missing >/dev/null
else
    cat >&2 <<TXT
***********************************************************************************************
* This machine lacks:$missing
* Tests that need them will fail. On Debian or Ubuntu, as root:
*     apt-get install --no-install-recommends$missing
* Without PostgreSQL, KEPU_TEST_SQLITE_ONLY=1 make test runs on SQLite alone and says so.
***********************************************************************************************
TXT
fi
