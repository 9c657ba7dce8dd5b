#!/usr/bin/env bash
# demo.sh MAILTRAIL: shows the program at work on the sample logs of this repository.
set -euo pipefail
cd "$(dirname "$0")/.."
mailtrail=$1
log=tests/data/postfix-a/mail.log.gz

show() {
  printf '\n$ mailtrail'
  printf ' %q' "$@"
  printf '\n\n'
  "$mailtrail" "$@"
}

show report "$log"
show trace 'bounce-b1@smart.example' "$log"
show search 'status:bounced to:@smart.example' "$log"
show explain '550 5.1.1 <bob@example.net>: Recipient address rejected: User unknown'
printf '\nNow on your own logs: %s report /var/log/mail.log*\n' "$mailtrail"
