# SPDX-License-Identifier: GPL-3.0-or-later
# PostgreSQL 17's grammar; Debian 12 packages 15's, which stays the fallback.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../trixie.sh"
version=17-6.1.0
stamp=$HOWDAH_DEPS/stamps/libpg_query-$version
[ -e "$stamp" ] && { say "• libpg_query $version … there"; exit; }

build() {
    local work=$HOWDAH_DEPS/src/libpg_query
    rm -rf "$work" && mkdir -p "$work" && cd "$work"
    trixie_source libpg-query/trixie
    mkdir source && tar -xf ./*.orig.tar.* -C source --strip-components=1
    # The library alone: the default target also runs its tests.
    make -C source -j "$jobs" libpg_query.a CFLAGS_OPT_LEVEL=-O3
    install -D -m 644 source/libpg_query.a "$prefix/lib/libpg_query.a"
    install -D -m 644 source/pg_query.h "$prefix/include/pg_query.h"
    cd / && rm -rf "$work"
    touch "$stamp"
}
fallback="Going on with the packaged grammar of PostgreSQL 15."
step "Building libpg_query $version" "check the network, then run this again" build
