#!/usr/bin/env bash
# run.sh MAILTRAIL: has real Postfix systems deliver, bounce, defer, hold and forward mail whose end is known, and checks
# what mailtrail says of their logs. Reports `ok - NAME` and `not ok - NAME`; status 0 if all are ok.
#
# Needs root (or sudo without a password) and the package postfix. Each of the two runs (short and long queue ids, side by
# side) has namespaces of its own for processes, mounts, network and host name: what it starts cannot reach or disturb the
# machine, and ends with it. Where namespaces are not allowed it runs without them, on high ports of the loopback
# interface. Leaves nothing behind.
set -euo pipefail
if ((EUID != 0)) && command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
  exec sudo -n "$0" "$@"
fi
mailtrail=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d /tmp/mailtrail-scenario.XXXXXX)
chmod 755 "$work"

enclosed=()
pids=()
clean_up() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2> /dev/null || true
  done
  wait
  if ((${#enclosed[@]} == 0)); then
    for folder in "$work"/*/mx?; do
      [[ -d $folder ]] && postfix -c "$folder" stop > /dev/null 2>&1 || true
    done
  fi
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

if ((EUID != 0)) || ! command -v postfix > /dev/null; then
  echo "not ok - a real Postfix can be started (needs root and the package postfix)"
  exit 1
fi

if unshare --mount --net --pid --uts --fork true 2> /dev/null; then
  enclosed=(unshare --mount --net --pid --uts --fork --kill-child --mount-proc)
fi

for ids in short long; do
  mkdir "$work/$ids"
  chmod 755 "$work/$ids"
  MAILTRAIL_ENCLOSED=${enclosed:+1} "${enclosed[@]}" python3 -B "$here/scenario.py" "$ids" "$work/$ids" "$mailtrail" \
    > "$work/$ids.out" 2>&1 < /dev/null &
  pids+=($!)
done
status=0
for pid in "${pids[@]}"; do
  wait "$pid" || status=1
done
pids=()
cat "$work/short.out" "$work/long.out"
exit $status
