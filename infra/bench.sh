#!/usr/bin/env bash
# Sets the machine up, builds, and runs one benchmark or all in turn: infra/bench.sh [NAME [ARGUMENTS]]. One JSON line each on standard output.
set -euo pipefail
# libgomp's threads spin while they wait and take the cores from other work; the program sets this for itself, the runners here do not.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
benchmarks=$root/artifacts/bin/Pipeline.Benchmarks/release_linux-x64/Pipeline.Benchmarks

# The broker to measure with comes with what the tests need.
bash "$root/infra/setup.sh" --tests >&2
bash "$root/infra/build.sh" solution >&2
cd "$root"
if [ $# -gt 0 ]; then
  exec "$benchmarks" "$@"
fi

mapfile -t names < <("$benchmarks" --list)
bad=0
for name in "${names[@]}"; do
  "$benchmarks" "$name" || { printf 'bench: %s failed\n' "$name" >&2; bad=1; }
done
exit "$bad"
