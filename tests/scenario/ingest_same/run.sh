#!/usr/bin/env bash
# run.sh MAILTRAIL: every command answers from a store as from the logs that the store took in, byte for byte: each real
# log in each of its forms, the small logs of the trace goldens together, taken in at once and in runs cut anywhere.
# Reports `ok - NAME` and `not ok - NAME`; status 0 if all are ok.
set -euo pipefail
exec python3 "$(dirname "$(realpath "$0")")/same.py" "$(realpath "$1")"
