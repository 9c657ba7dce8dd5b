#!/usr/bin/env bash
# run.sh MAILTRAIL [KILLS]: a store that was filled in several runs, its database lost, damaged or another's, and
# `mailtrail rebuild`, which makes it anew: every fact is compared with what the ingests told. Then stores that cannot be
# used as they are. Each is told in one line that says what to do, status 3, and harms nothing. `rebuild` is killed KILLS
# times (5 if not said).
# Reports `ok - NAME` and `not ok - NAME`; status 0 if all are ok. What cannot be tried here is said by `SKIPPED - NAME`.
set -euo pipefail
exec python3 "$(dirname "$(realpath "$0")")/damage.py" "$(realpath "$1")" "${2-5}"
