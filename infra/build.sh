#!/usr/bin/env bash
# Sets the machine up and builds in Release, when a source is newer than the last build.
#   infra/build.sh             the whole solution
#   infra/build.sh program     the command-line program alone
#   infra/build.sh fresh WHAT  builds nothing; succeeds when WHAT (solution or program) is built and no source is newer
# PIPELINE_ACCELERATOR=cuda builds on the CUDA packages; the default is cpu.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

accelerator=${PIPELINE_ACCELERATOR:-cpu}
say() { printf 'build: %s\n' "$*"; }
stop() { printf 'build: %s\n' "$*" >&2; exit 3; }

fresh_only=false
if [ "${1:-}" = fresh ]; then
  fresh_only=true
  shift
fi
what=${1:-solution}
case "$what" in
  solution) target=Pipeline.sln; folders=(src tests) ;;
  program) target=src/Host/Pipeline.Host.csproj; folders=(src) ;;
  *) stop "the thing to build is $what; it must be solution or program. Leave it out for the solution." ;;
esac
inputs=("${folders[@]}" Directory.Build.props Directory.Packages.props Pipeline.sln global.json BannedSymbols.txt .editorconfig)
program=artifacts/bin/Pipeline.Host/release_linux-x64/pipeline

# A stamp is as old as the beginning of its build; its name carries the hash of what was built. The solution's holds for the program too.
# A folder counts as an input: its time tells of a deleted file.
stamps() { find artifacts -maxdepth 1 \( -name ".built-$what-$accelerator-*" -o -name ".built-solution-$accelerator-*" \) -print 2>/dev/null; }

is_fresh() {
  local last
  [ -x "$program" ] || return 1
  for last in $(stamps); do
    [ -n "$(find "${inputs[@]}" -newer "$last" -print -quit)" ] || return 0
  done
  return 1
}

hash_of_inputs() {
  find "${inputs[@]}" -type f -not -path '*/obj/*' -not -path '*/bin/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16
}

if $fresh_only; then
  is_fresh
  exit
fi

bash infra/setup.sh
mkdir -p artifacts
exec 9>artifacts/.build-lock
flock -n 9 || { say "waiting for another build"; flock 9; }
if is_fresh; then
  say "$what is up to date"
  exit 0
fi

begun=artifacts/.begun
touch "$begun"
hash=$(hash_of_inputs)
stamp=artifacts/.built-$what-$accelerator-$hash
if [ -e "$stamp" ] && [ -x "$program" ]; then
  say "$what is up to date: files are newer, their contents are not"
else
  say "building the $what in Release, for $accelerator"
  SECONDS=0
  # From here on the output is no longer what any stamp says, also if the build fails and the edit is taken back.
  rm -f artifacts/.built-*
  # The compiler's servers outlive the build; the lock (9) must not live on in them.
  output=$(dotnet build "$target" --configuration Release --nologo --verbosity quiet -p:Accelerator="$accelerator" 9>&- 2>&1) || {
    errors=$(grep -E ': error |error MSB|error NU' <<<"$output" | sort -u || true)
    printf '%s\n' "${errors:-$output}" >&2
    stop "the $what does not build; the errors stand above."
  }
  say "built the $what in $SECONDS s"
fi
mv "$begun" "$stamp"
