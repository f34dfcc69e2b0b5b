#!/bin/sh
# Puts the Deno that src/proc/deno_pins.ts pins for Linux x86_64 into <folder>, as <folder>/program, and nothing when its hash is another:
# what runs beside the release key is not what npm happens to give. Usage: pinned_deno.sh <folder>
set -eu
folder=$1
target=x86_64-unknown-linux-gnu
pins=$(dirname "$0")/../../src/proc/deno_pins.ts
version=$(sed -n 's/^export const DENO_VERSION = "\(.*\)";$/\1/p' "$pins")
# Prints one field of the pin.
pin() { sed -n "/^  \"$target\": {/,/^  }/s/^    $1: \"\(.*\)\",\$/\1/p" "$pins"; }
package=$(pin package)
sha256=$(pin sha256)
mkdir -p "$folder"
npm install --prefix "$folder" --ignore-scripts --no-save --no-audit --no-fund "$package@$version"
program=$folder/node_modules/$package/deno
if [ "$(sha256sum <"$program")" != "$sha256  -" ]; then
  echo "km: error: Cannot use Deno $version: $package@$version is not what src/proc/deno_pins.ts says" >&2
  exit 1
fi
chmod 755 "$program"
mv "$program" "$folder/program"
