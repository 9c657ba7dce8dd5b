#!/usr/bin/env bash
# run.sh MAILTRAIL [KILLS]: kills `mailtrail ingest` at random instants (25 times if not said: `make test` does that; 200
# take some minutes: `tests/scenario/ingest_kill/run.sh build/release/mailtrail 200`), lets it end, and compares what
# the store then tells with a store that was filled in one run. Then what must be refused in one line. Reports
# `ok - NAME` and `not ok - NAME`; status 0 if all are ok.
set -euo pipefail
exec python3 "$(dirname "$(realpath "$0")")/kills.py" "$(realpath "$1")" "${2-25}"
