#!/usr/bin/env bash
# run.sh MAILTRAIL: loads the completions that the program makes of itself into a real bash, zsh and fish, and checks what
# each offers. Reports `ok - NAME` and `not ok - NAME`; status 0 if all are ok. Needs the packages zsh and fish.
set -euo pipefail
exec python3 "$(dirname "$(realpath "$0")")/shells.py" "$(realpath "$1")"
