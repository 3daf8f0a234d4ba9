#!/usr/bin/env bash
# Brings a machine to where the project builds and runs. Says what it does; a second call changes nothing.
#   --tests   also brings what tests alone need: chromium, for those that look at the report's page, hyparquet (with Node), which reads
#             what is exported, Python's pika and xxhash, for a stage in Python, and RabbitMQ, unpacked and not installed; where one
#             cannot be had, its tests are skipped
#   --long    all that, and nsfwjs with TensorFlow.js (330 MB), which the long forms compare the shipped classifier with
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf 'setup: %s\n' "$*"; }
stop() { printf 'setup: %s\n' "$*" >&2; exit 3; }

# Runs a command whose output matters only when it fails.
quietly() {
  local output
  output=$("$@" 2>&1) || { printf '%s\n' "$output" >&2; return 1; }
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

apt_install() {
  say "installing $* from the distribution's packages"
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o=Dpkg::Use-Pty=0 install --no-install-recommends "$@" ||
    stop "apt-get could not install $*; what it said stands above."
}

apt_update() { quietly as_root apt-get -q update || stop "apt-get update failed; what it said stands above."; }

# Where the dynamic linker finds a library, the most specific first. All is read: a reader that leaves early fails the pipe, now and then.
find_library() { { ldconfig -p 2>/dev/null || /sbin/ldconfig -p; } | awk -v name="$1" '$1 == name && /x86-64/ && !found { print $NF; found = 1 }'; }

distribution() { . /etc/os-release 2>/dev/null && printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-}"; }

# Debian 13's packages beside Debian 12's; each is taken only where it is asked for.
add_trixie() {
  local source_entry=/etc/apt/sources.list.d/pipeline-trixie.sources
  [ -e "$source_entry" ] || say "adding the Debian 13 suite at priority 100"
  [ -e "$source_entry" ] || as_root tee "$source_entry" >/dev/null <<'SOURCE'
Types: deb
URIs: http://deb.debian.org/debian
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCE
  [ -e /etc/apt/preferences.d/pipeline-trixie ] || as_root tee /etc/apt/preferences.d/pipeline-trixie >/dev/null <<'PIN'
Package: *
Pin: release n=trixie
Pin-Priority: 100
PIN
}

for_tests=false for_long=false
case "$#:${1:-}" in
  0:) ;;
  1:--tests) for_tests=true ;;
  1:--long) for_tests=true for_long=true ;;
  *) stop "the arguments are '$*'; there must be none, --tests or --long." ;;
esac

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || stop "this is $(uname -s)-$(uname -m); the native libraries are built for Linux on x86-64."
command -v dotnet >/dev/null || stop "dotnet is not on PATH; the .NET 10 SDK is wanted. See https://dotnet.microsoft.com/download/dotnet/10.0."
case "$(dotnet --version 2>/dev/null)" in
  10.*) ;;
  *) stop "dotnet --version is '$(dotnet --version 2>&1 | head -n 1)'; the .NET 10 SDK is wanted." ;;
esac

# libtorch 2.10 is linked against libstdc++ 13 (GLIBCXX_3.4.32).
libstdcxx=$(find_library libstdc++.so.6)
if [ -z "$libstdcxx" ] || ! grep -q GLIBCXX_3.4.32 "$libstdcxx"; then
  [ "$(distribution)" = "debian 12" ] ||
    stop "libstdc++.so.6 lacks GLIBCXX_3.4.32, which TorchSharp's native library wants. Install libstdc++ 13 or newer (Ubuntu 24.04, Debian 13 and Fedora have it)."
  say "libstdc++ is older than 13: it is taken from the Debian 13 suite"
  add_trixie
  apt_update
  apt_install -t trixie libstdc++6
fi

# libjpeg-turbo's TurboJPEG interface decodes and encodes JPEG; the scaled decoding is why decoding is fast.
if [ -z "$(find_library libturbojpeg.so.0)" ]; then
  case "$(distribution)" in
    debian*) package=libturbojpeg0 ;;
    ubuntu*) package=libturbojpeg ;;
    *) stop "libturbojpeg.so.0 is missing. Install libjpeg-turbo's TurboJPEG library (Fedora: dnf install turbojpeg)." ;;
  esac
  apt_update
  apt_install "$package"
fi

if $for_tests && ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then
  case "$(distribution)" in
    debian*) (apt_update && apt_install chromium) || say "chromium could not be installed: the tests of the report's page are skipped." ;;
    # Ubuntu's package is a snap, which cannot be installed everywhere and sees no temporary files.
    *) say "no chromium is installed: the tests of the report's page are skipped. Install chromium or google-chrome for them." ;;
  esac
fi

# Programs in Node that share no code with ours: a reader of Parquet, and the package that the shipped classifier comes from. Each has a folder of its own,
# with its packages and its scripts.
node_programs() {
  local source=$2 target=artifacts/$1
  mkdir -p "$target"
  if ! cmp -s "$source/package-lock.json" "$target/installed.json"; then
    say "installing $3 from npm for the tests"
    cp "$source"/package*.json "$target/"
    # In a shell of its own: npm reads the package of its folder.
    if (cd "$target" && quietly npm ci --no-audit --no-fund --ignore-scripts); then
      cp "$source/package-lock.json" "$target/installed.json"
    else
      say "$3 could not be installed: its tests are skipped."
    fi
  fi
  [ ! -e "$target/installed.json" ] || cp "$source"/*.mjs "$target/"
}

if $for_tests; then
  if ! command -v npm >/dev/null; then
    case "$(distribution)" in
      debian* | ubuntu*) (apt_update && apt_install nodejs npm) || say "Node could not be installed: the tests against programs in Node are skipped." ;;
      *) say "no npm is installed: the tests against programs in Node are skipped. Install Node for them." ;;
    esac
  fi
  if command -v npm >/dev/null; then
    node_programs readers tests/EndToEnd.Tests/Readers hyparquet
    ! $for_long || node_programs nsfwjs tests/Models.Tests/Safety/Nsfw "nsfwjs with TensorFlow.js"
  fi
fi

# What the stage in Python imports; the distribution's own interpreter alone sees its packages.
has_python() { [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import pika, xxhash' 2>/dev/null; }
if $for_tests && ! has_python; then
  case "$(distribution)" in
    debian* | ubuntu*)
      (apt_update && apt_install python3 python3-pika python3-xxhash) ||
        say "python3-pika and python3-xxhash could not be installed: the tests of a stage in Python are skipped."
      ;;
    *) say "/usr/bin/python3 has no pika and xxhash: the tests of a stage in Python are skipped. Install them for these." ;;
  esac
fi

# RabbitMQ's server in each version that the package lists know: a folder a version, with its Erlang and its OpenSSL. Nothing is installed.
brokers=$PWD/artifacts/brokers
erlang=(asn1 base crypto eldap inets mnesia os-mon parsetools public-key runtime-tools snmp ssl syntax-tools tools xmerl)

# "4.0 trixie", a line a version.
known_brokers() {
  { apt-cache madison rabbitmq-server 2>/dev/null || true; } | awk -F ' *[|] *' '{
    split($2, version, /[.:-]/)
    name = ($2 ~ /:/ ? version[2] "." version[3] : version[1] "." version[2])
    suite = $3; sub(/^[^ ]+ /, "", suite); sub(/\/.*/, "", suite)
    if (!seen[name]++) print name, suite
  }'
}

# The suite's packages into the current folder; OpenSSL's as Erlang's crypto library names it.
download_broker() {
  apt-get -q -t "$1" download rabbitmq-server "${erlang[@]/#/erlang-}" &&
    apt-get -q -t "$1" download "$(dpkg-deb -f erlang-crypto_*.deb Depends | grep -o 'libssl[0-9a-z.]*')"
}

unpack_broker() {
  local target=$brokers/$1 suite=$2 unpacked=$brokers/.unpacked
  rm -rf "$unpacked" "$target"
  mkdir -p "$unpacked/packages"
  cd "$unpacked/packages" || return
  quietly download_broker "$suite" || { (apt_update) && quietly download_broker "$suite"; } || return
  for package in *.deb; do
    dpkg -x "$package" "$unpacked" || return
  done
  # Debian's scripts know no other place than /usr/lib/erlang.
  sed -i 's,/usr/lib/erlang,$ERL_ROOTDIR,' "$unpacked"/usr/lib/erlang/bin/erl "$unpacked"/usr/lib/erlang/erts-*/bin/erl
  printf '%s\n' *.deb >"$unpacked/installed"
  rm -r "$unpacked/packages"
  mv "$unpacked" "$target"
}

if $for_tests; then
  [ "$(distribution)" != "debian 12" ] || [ -e /etc/apt/sources.list.d/pipeline-trixie.sources ] || (add_trixie && apt_update) || true
  if [ -z "$(known_brokers)" ] && command -v apt-get >/dev/null; then
    (apt_update) || true
  fi
  known_brokers | while read -r version suite; do
    [ ! -e "$brokers/$version/installed" ] || continue
    say "unpacking RabbitMQ $version and its Erlang from the packages of $suite"
    (unpack_broker "$version" "$suite") || say "RabbitMQ $version could not be unpacked: its tests are skipped."
  done
  compgen -G "$brokers/*/installed" >/dev/null || say "no RabbitMQ could be had from the distribution's packages: the tests of the broker are skipped."
fi

quietly dotnet tool restore || stop "dotnet tool restore failed; what it said stands above."
say "ready: .NET $(dotnet --version), $(basename "$(readlink -f "$(find_library libstdc++.so.6)")"), $(basename "$(readlink -f "$(find_library libturbojpeg.so.0)")")"
