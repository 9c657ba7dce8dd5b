#!/bin/bash
# install_manual.sh MAILTRAIL SHARE: writes the man pages and the completions that the program makes of itself to
# SHARE/man/man1 and to where bash, zsh and fish look for theirs.
set -eu
program=$1
share=$2
mkdir -p "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/site-functions" \
    "$share/fish/vendor_completions.d"
MANPAGER=cat "$program" man >"$share/man/man1/mailtrail.1"
for command in report trace search events export explain; do
  MANPAGER=cat "$program" man "$command" >"$share/man/man1/mailtrail-$command.1"
done
"$program" completion bash >"$share/bash-completion/completions/mailtrail"
"$program" completion zsh >"$share/zsh/site-functions/_mailtrail"
"$program" completion fish >"$share/fish/vendor_completions.d/mailtrail.fish"
