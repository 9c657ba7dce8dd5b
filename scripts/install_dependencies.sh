#!/usr/bin/env bash
# install_dependencies.sh [--tests]
#
# Installs what mailtrail needs from the package repository that this Debian 12 machine is set up for. Without an
# option: what a build takes. With --tests also what `make test` takes (the second compiler and its sanitizers, zsh and
# fish, a real Postfix for the scenario test). Needs root, or sudo. Where nothing is missing it changes nothing, asks no
# network, and takes well under a second.
#
# The Postfix package would start a mail server on port 25: it is installed unconfigured and with service starts denied.
# The scenario test starts its own copies, from its own configuration, in a place of its own.
set -euo pipefail

build=(g++ make cmake ninja-build ccache libfmt-dev libcli11-dev libre2-dev libtomlplusplus-dev pkg-config libsimdjson-dev libarchive-dev zlib1g-dev
       libzstd-dev libssl-dev
       libabsl-dev libgtest-dev python3)
tests=(clang-14 llvm-14 lld-14 libclang-rt-14-dev clang-format-14 git time
       gzip bzip2 xz-utils zstd gawk pflogsumm postfix zsh fish util-linux iproute2 procps)

# DuckDB comes from the npm registry (scripts/fetch_duckdb.sh); npm itself may be there from elsewhere.
build+=(openssl)
command -v npm > /dev/null || build+=(npm)

wanted=("${build[@]}")
case "${1-}" in
  '') ;;
  --tests) wanted+=("${tests[@]}") ;;
  *)
    echo "usage: $0 [--tests]" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query > /dev/null; then
  echo "$0: this is no Debian; install by hand: ${wanted[*]}" >&2
  exit 1
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2> /dev/null || true)
missing=()
for package in "${wanted[@]}"; do
  grep -qx "installed $package" <<< "$installed" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo > /dev/null; then
    echo "$0: run as root, or install sudo; missing: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

# Denies the start of services while this script runs, unless the machine has a policy of its own (Debian's invoke-rc.d
# asks this program; 101 means "forbidden").
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" > /dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi
for package in "${missing[@]}"; do
  if [[ $package == postfix ]]; then
    echo 'postfix postfix/main_mailer_type select No configuration' | "${as_root[@]}" debconf-set-selections
  fi
done

echo "installing: ${missing[*]}" >&2
"${as_root[@]}" apt-get -qq update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" \
  > /dev/null
