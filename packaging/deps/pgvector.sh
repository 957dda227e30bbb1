# SPDX-License-Identifier: GPL-3.0-or-later
# pgvector for the packaged server; Debian 12 has none.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../trixie.sh"
if [ -e /usr/share/postgresql/15/extension/vector.control ]; then
    say "• pgvector … there"
    exit
fi

build() {
    local work=$HOWDAH_DEPS/src/pgvector
    rm -rf "$work" && mkdir -p "$work" && cd "$work"
    trixie_source pgvector/trixie
    mkdir source && tar -xf ./*.orig.tar.* -C source --strip-components=1
    make -C source -j "$jobs" OPTFLAGS= PG_CONFIG=/usr/lib/postgresql/15/bin/pg_config
    as_root make -C source install PG_CONFIG=/usr/lib/postgresql/15/bin/pg_config
    cd / && rm -rf "$work"
}
fallback="Going on without it: the demo shop then has no table of vectors."
step "Building pgvector for PostgreSQL 15" "check the network, then run this again" build
