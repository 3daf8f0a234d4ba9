#!/usr/bin/env bash
# Makes src/Models/Safety/nsfw-mobilenet-v2 from the package of npm in which the model is published. Run once for a version; the result is kept in the
# repository, and a second run gives the same bytes. Needs npm and Node 18 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."

package=nsfwjs-4.3.0.tgz
sha256=4496790efc9bdc6f3e85a826a8e482c1fa1e9db4b3d18c095e98cc0c73cfb12f
target=src/Models/Safety/nsfw-mobilenet-v2

stop() { printf 'convert-nsfw: %s\n' "$*" >&2; exit 3; }

[ $# -eq 0 ] || stop "the arguments are '$*'; there must be none."
command -v npm >/dev/null || stop "npm is not on PATH; install Node 18 or newer."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
converter=$PWD/infra/convert-nsfw.mjs
(cd "$work" && npm pack --silent "nsfwjs@${package:7:5}" >/dev/null) || stop "npm could not fetch nsfwjs ${package:7:5}; what it said stands above."
got=$(sha256sum "$work/$package" | cut -d' ' -f1)
[ "$got" = "$sha256" ] || stop "the package's SHA-256 is $got; it must be $sha256. Look at what has changed before taking it."
tar -xzf "$work/$package" -C "$work"
node "$converter" "$work/package" "$target"
cp "$work/package/LICENSE" "$target/LICENSE"
printf 'convert-nsfw: wrote %s\n' "$target"
