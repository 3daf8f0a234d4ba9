#!/usr/bin/env bash
# Sets the machine up, builds, and runs the main job: infra/run.sh [ARGUMENTS OF pipeline run].
# With no arguments: the preset starter on the repository's sample data set, into out/starter.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

bash "$root/infra/build.sh" program
if [ $# -eq 0 ]; then
  cd "$root"
  set -- starter --input samples/stampbirds --output out/starter
fi
exec "$root/infra/pipeline" run "$@"
