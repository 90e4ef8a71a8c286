#!/usr/bin/env bash
# Starts Baton: makes what is missing (.venv, packages, database, guides), then serves until Ctrl-C or SIGTERM.
set -euo pipefail
# A relative BATON_DATA counts from where the caller stands; "~" is for Python to read, as in every other script.
case "${BATON_DATA:-}" in
    "" | "~"*) ;;
    *) export BATON_DATA=$(realpath -m "$BATON_DATA") ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/environment.sh

prepare_environment requirements.txt
encoder=${BATON_ENCODER:-}
if [ "${encoder,,}" = onnx ]; then
    (prepare_environment scripts/onnx.txt) || echo "Baton: goes on with what is installed." >&2
fi
exec .venv/bin/python scripts/serve.py
