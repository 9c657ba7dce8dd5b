#!/usr/bin/env bash
# run.sh BUILD_FOLDER: measures the program beside wc, grep and pflogsumm on synthetic logs of one and ten million lines,
# and checks its answers against the known truth of these logs. Prints lines a second (median), peak memory, and the ratio to
# the reference beside the target. Status 0: every answer is true and every target is met.
#
# After that each dialect alone, with the lines of its goldens; and the store alone, without a log, with ten million attempts
# (4 GB of disk).
#
#   LINES="1000000"   other sizes (the targets are those of ten million lines)
#   ATTEMPTS=1000000  other sizes of the store; 100000000 takes 40 GB of disk
#   KEEP=1            keep the logs in build/bench (1.6 GB)
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
logs=build/bench
mkdir -p "$logs"
if [[ -z ${KEEP-} ]]; then
  trap 'rm -rf "$logs"' EXIT
fi
status=0
for lines in ${LINES:-1000000 10000000}; do
  log=$logs/postfix-$lines.log
  if [[ ! -s $log ]]; then
    "$folder/bench/bench_generate_postfix_log" --lines "$lines" --out "$log" --truth "$log.truth.json"
  fi
  bench/measure.py "$folder/mailtrail" "$log" "$log.truth.json" || status=1
  [[ -n ${KEEP-} ]] || rm -f "$log"
done
"$folder/bench/bench_dialects" tests/golden/dialect || status=1
for attempts in ${ATTEMPTS:-10000000}; do
  "$folder/bench/bench_store" --attempts "$attempts" || status=1
done
exit $status
