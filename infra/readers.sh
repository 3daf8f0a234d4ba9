#!/usr/bin/env bash
# Puts the Parquet reader that the round-trip tests read with (hyparquet, MIT) into artifacts/readers, where npm is and can fetch it.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }

source=tests/EndToEnd.Tests/Readers target=artifacts/readers
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
  say 'node or npm is missing: the round-trip tests will be skipped'
  exit 0
fi
mkdir -p "$target"
if ! cmp -s "$source/package-lock.json" "$target/installed.json"; then
  cp "$source/package.json" "$source/package-lock.json" "$target/"
  say 'installing hyparquet for the round-trip tests'
  if ! output=$(cd "$target" && npm ci --no-audit --no-fund --ignore-scripts 2>&1); then
    printf '%s\n' "$output" >&2
    say 'npm could not install hyparquet: the round-trip tests will be skipped'
    rm -f "$target/read-parquet.mjs"
    exit 0
  fi
  cp "$source/package-lock.json" "$target/installed.json"
fi
cp "$source/read-parquet.mjs" "$target/"
