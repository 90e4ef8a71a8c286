#!/usr/bin/env bash
# Everything that must pass: lint, format, types, import contracts, unit, screen and browser tests.
# Extra arguments go to pytest. BATON_REQUIRE_BROWSER=1 makes skipped browser tests a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/environment.sh

prepare_environment tests/requirements.txt

PATH=$PATH:/usr/sbin  # nginx
if ! command -v chromium >/dev/null || ! command -v nginx >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Baton: installing Debian's chromium and nginx for the browser tests..."
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            chromium fonts-noto-color-emoji nginx-light; } >/tmp/baton-apt.log 2>&1 || tail -n 5 /tmp/baton-apt.log >&2
    fi
fi
if ! command -v chromium >/dev/null; then
    echo "Baton: the browser tests are SKIPPED: there is no chromium and this user may not install it (package: chromium)." >&2
    [ "${BATON_REQUIRE_BROWSER:-0}" = 0 ] || fail "BATON_REQUIRE_BROWSER is set, so a skip is a failure."
fi
if ! command -v nginx >/dev/null; then
    echo "Baton: the tests behind TLS are SKIPPED: there is no nginx and this user may not install it (package: nginx-light)." >&2
    [ "${BATON_REQUIRE_BROWSER:-0}" = 0 ] || fail "BATON_REQUIRE_BROWSER is set, so a skip is a failure."
fi

# Nothing of the caller's settings may reach the tests.
for name in $(compgen -v BATON_); do
    [ "$name" = BATON_REQUIRE_BROWSER ] || unset "$name"
done
export PYTHONPATH=$PWD

.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
.venv/bin/lint-imports
# loadfile: the tests of one file share their server and their store.
exec .venv/bin/python -m pytest -n 2 --dist loadfile "$@"
