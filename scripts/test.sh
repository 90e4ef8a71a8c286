#!/usr/bin/env bash
# Everything that must pass: lint, format, types, import contracts, unit, screen and browser tests.
# Extra arguments go to pytest. BATON_REQUIRE_BROWSER=1 makes skipped browser tests a failure.
#
# One part only, in the order of what it takes (processor seconds; --durations=20 tells the slowest tests):
#   bash scripts/test.sh tests/unit/test_actions.py      one file
#   bash scripts/test.sh tests/ui                        the screens without a browser
#   bash scripts/test.sh tests/unit                      the rules
#   bash scripts/test.sh tests/scripts tests/load        the scripts, and the load client, on real servers
#   bash scripts/test.sh tests/e2e                       the journeys in a browser
#   bash scripts/test.sh -m "not browser and not model"  what needs neither a browser nor the model
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/environment.sh

prepare_environment tests/requirements.txt

PATH=$PATH:/usr/sbin  # nginx
browser() {
    command -v chromium-headless-shell || command -v chromium
}
if ! command -v chromium-headless-shell >/dev/null || ! command -v nginx >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Baton: installing Debian's chromium-headless-shell and nginx for the browser tests..."
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            chromium-headless-shell fonts-noto-color-emoji nginx-light; } >/tmp/baton-apt.log 2>&1 || tail -n 5 /tmp/baton-apt.log >&2
    fi
fi
if ! browser >/dev/null; then
    echo "Baton: the browser tests are SKIPPED: there is no chromium and this user may not install it (package: chromium-headless-shell)." >&2
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
.venv/bin/lint-imports
# Without a cache, the types take most of a minute of one core: meanwhile the tests begin on the other.
.venv/bin/mypy &
types=$!
# loadfile: the tests of one file share their server and their store. Files keep their order, journeys first: each of
# them takes long, and one that comes last keeps one worker busy while the others have nothing to do.
# Three workers on two cores: a journey waits for its browser and its server, one after the other.
run_tests() {
    .venv/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -o cache_dir="$cache" "$@"
}

# The files of the journeys that failed; none where something else failed as well.
failed_journeys() {
    local failed
    failed=$(sed -n 's/^ *"\(.*\)": true,\{0,1\}$/\1/p' "$cache/v/cache/lastfailed" | cut -d: -f1 | sort -u)
    grep -qv '^tests/e2e/' <<<"$failed" || echo "$failed"
}

cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
status=0
run_tests "$@" || status=$?
if [ "$status" = 1 ]; then
    mapfile -t journeys < <(failed_journeys)
    if [ "${#journeys[@]}" != 0 ]; then
        # A journey is a race of two programs on a machine that does something else as well. What failed above has a
        # cause to look for. It gets a second try, on servers and data of its own: whole files, whose tests share them.
        echo "Baton: a second try of ${journeys[*]}. Why the first one failed is told above."
        status=0
        run_tests "${journeys[@]}" || status=$?
    fi
fi
wait "$types" || { echo "Baton: the types are wrong, see what mypy says above." >&2 && status=1; }
exit "$status"
