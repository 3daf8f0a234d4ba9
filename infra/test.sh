#!/usr/bin/env bash
# Sets the machine up, builds, checks the layout of the code and runs the tests; ends with "N passed, N failed, N skipped".
#   --long          the long forms too (trait Form=Long)
#   --filter NAME   only tests whose full name contains NAME
#   --golden DIR    only the reference cases under DIR, each with its worst error
set -euo pipefail
# libgomp's threads spin while they wait and take the cores from other work; the program sets this for itself, the runners here do not.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

stop() { printf 'test: %s\n' "$*" >&2; exit 2; }

long=false filter='' golden=''
while [ $# -gt 0 ]; do
  case "$1" in
    --long) long=true; shift ;;
    --filter) filter=${2:?--filter wants a part of a test\'s name}; shift 2 ;;
    --golden) golden=${2:?--golden wants a directory}; shift 2 ;;
    *) stop "the argument is $1; it must be --long, --filter NAME or --golden DIR." ;;
  esac
done

options=(--no-progress --no-ansi)
$long || options+=(--filter-not-trait Form=Long)
[ -z "$filter" ] || options+=(--filter-method "*$filter*")
projects=(tests/*.Tests/*.csproj)
if [ -n "$golden" ]; then
  PIPELINE_GOLDEN=$(cd "$caller" && cd "$golden" 2>/dev/null && pwd) || stop "--golden is $golden; it must be a directory of reference cases."
  export PIPELINE_GOLDEN
  options+=(--filter-class Pipeline.Models.Tests.Golden.GoldenTests --show-live-output on)
  projects=(tests/Models.Tests/Pipeline.Models.Tests.csproj)
fi

if [ -z "$golden" ]; then
  if $long; then bash infra/setup.sh --long; else bash infra/setup.sh --tests; fi
fi
bash infra/build.sh solution
passed=0 failed=0 skipped=0

# Whatever else is wrong counts as one failed test, so that the closing line alone tells.
fault() { echo "$*"; failed=$((failed + 1)); }

if [ -z "$golden" ] && ! layout=$(dotnet csharpier check . 2>&1); then
  grep -E '^(Error|Warning) ' <<<"$layout" || printf '%s\n' "$layout"
  fault 'the code is not as CSharpier lays it out; run: dotnet csharpier format .'
fi

# One count of the runner's closing summary; nothing when the runner died before it.
count() { awk -v name="$1:" '/^Test run summary:/ { found = 1 } found && $1 == name { print $2 }' <<<"$output" | tail -n 1; }

for project in "${projects[@]}"; do
  name=$(basename "$project" .csproj)
  SECONDS=0
  code=0
  output=$("artifacts/bin/$name/release_linux-x64/$name" "${options[@]}" 2>&1) || code=$?
  ran=$(count total) good=$(count succeeded) wrong=$(count failed) left=$(count skipped)
  if [ -z "$ran" ] || [ -z "$good" ] || [ -z "$wrong" ] || [ -z "$left" ]; then
    awk 'NR <= 60' <<<"$output"
    fault "$name: ended with code $code before it told its results, $SECONDS s"
    continue
  fi

  passed=$((passed + good)) failed=$((failed + wrong)) skipped=$((skipped + left))
  # The runner's own text names each failed test with its message, and each skipped one with its reason.
  details=$(sed '/^Test run summary:/,$d' <<<"$output")
  [ -z "${details//[[:space:]]/}" ] || printf '%s\n' "$details"
  printf '%s: %s passed, %s failed, %s skipped, %s s\n' "$name" "$good" "$wrong" "$left" "$SECONDS"
  if [ "$ran" -eq 0 ]; then
    # A filter leaves most projects without a test; without one, a project whose tests were not found is a fault.
    [ -n "$filter$golden" ] || fault "$name: no test ran"
  elif [ "$code" -ne 0 ] && [ "$wrong" -eq 0 ]; then
    fault "$name: ended with code $code"
  fi
done

[ $((passed + failed + skipped)) -gt 0 ] || fault 'no test ran'
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
