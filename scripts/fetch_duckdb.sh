#!/usr/bin/env bash
# fetch_duckdb.sh FOLDER
#
# Brings the files of packaging/duckdb.lock (DuckDB's library and header) into FOLDER, checked by their hashes. They are
# kept in ${XDG_CACHE_HOME:-~/.cache}/mailtrail, so that a second checkout asks no network. Where they are in FOLDER
# already and right, nothing is done.
set -euo pipefail

folder=${1:?usage: $0 FOLDER}
lock=$(dirname "$(readlink -f "$0")")/../packaging/duckdb.lock
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/mailtrail/duckdb

is_right() { # FILE SHA256
  [[ -f $1 ]] && echo "$2  $1" | sha256sum --check --status
}

fail() {
  echo "fetch_duckdb.sh: $*" >&2
  exit 1
}

# PACKAGE VERSION INTEGRITY MEMBER FILE: FILE, taken out of the package.
fetch() {
  command -v npm > /dev/null || fail "npm is missing: it brings DuckDB (apt-get install npm)"
  local work
  work=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" RETURN
  (cd "$work" && npm pack --silent "$1@$2" > /dev/null) ||
    fail "npm could not bring $1@$2: is its package registry reachable from here?"
  local archive got
  archive=$(echo "$work"/*.tgz)
  got=sha512-$(openssl dgst -sha512 -binary "$archive" | base64 --wrap=0)
  [[ $got == "$3" ]] || fail "$1@$2 is not the package that packaging/duckdb.lock names (its hash is $got)"
  mkdir -p "$(dirname "$5")"
  tar -xzOf "$archive" "$4" > "$5.new"
  mv "$5.new" "$5"
}

mkdir -p "$folder"
while read -r package version integrity member name hash; do
  [[ -z $package || $package == \#* ]] && continue
  is_right "$folder/$name" "$hash" && continue
  kept=$cache/$version/$name
  is_right "$kept" "$hash" || fetch "$package" "$version" "$integrity" "$member" "$kept"
  is_right "$kept" "$hash" || fail "$name of $package@$version is not the file that packaging/duckdb.lock names"
  cp "$kept" "$folder/$name.new"
  mv "$folder/$name.new" "$folder/$name"
done < "$lock"
