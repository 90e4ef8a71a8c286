# Shared by start.sh and test.sh: the virtual environment, made once and remade when the requirements change.

fail() {
    echo "Baton: $1" >&2
    exit 1
}

find_python() {
    local candidate
    for candidate in "${BATON_PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed; this machine has $(python3 --version 2>&1 || echo none). Install it, or set BATON_PYTHON to its path."
}

# prepare_environment REQUIREMENTS: .venv holds exactly the packages of that file.
prepare_environment() {
    local requirements=$1 stamp python free_mb
    stamp=$(cat requirements.txt "$requirements" | sha256sum | cut -d' ' -f1)
    # What a test run installed holds all that a start needs.
    if [ -x .venv/bin/python ] && grep -qsx "$stamp" .venv/baton-requirements; then
        return
    fi
    free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
    if [ ! -d .venv ] && [ "$free_mb" -lt 3000 ]; then
        fail "Only $free_mb MB of disk space are free here; installing takes about 3,000 MB. Free some, then start again."
    fi
    python=$(find_python) || exit 1
    echo "Baton: installing the packages of $requirements into .venv (once, a few minutes)..."
    if [ ! -x .venv/bin/python ]; then
        "$python" -m venv .venv || fail "the virtual environment .venv could not be made: on Debian and Ubuntu, install the package python3-venv."
    fi
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$requirements" \
        || fail "the packages could not be installed (see above). Check the network or pip's settings, then start again: what is installed is kept."
    echo "$stamp" >>.venv/baton-requirements
}
