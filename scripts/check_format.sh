#!/usr/bin/env bash
# check_format.sh: whether every C++ source is laid out as .clang-format says. Names the places; `make format` mends
# them.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files -co --exclude-standard -z -- '*.cc' '*.h' |
  xargs -0 -r -n 20 -P "$(nproc)" clang-format-14 --dry-run -Werror --ferror-limit=3
