# SPDX-License-Identifier: GPL-3.0-or-later
# libpq 17 or newer: rows in chunks, and cancel requests that keep TLS. Where it cannot be built, the system's serves.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../trixie.sh"
stamp=$HOWDAH_DEPS/stamps/libpq
[ -e "$stamp" ] && { say "• libpq … there"; exit; }
if grep -qs PQsetChunkedRowsMode /usr/include/postgresql/libpq-fe.h; then
    say "• libpq … the system has it"
    exit
fi

build() {
    local work=$HOWDAH_DEPS/src/libpq
    rm -rf "$work" && mkdir -p "$work" && cd "$work"
    trixie_source postgresql-17/trixie || trixie_source postgresql-18/forky
    mkdir source && tar -xf ./*.orig.tar.* -C source --strip-components=1
    cd source
    ./configure --prefix="$prefix" --with-ssl=openssl --with-gssapi --without-readline --without-icu --without-zlib CFLAGS=-O2
    make -C src/backend generated-headers
    make -C src/interfaces/libpq -j "$jobs"
    make -C src/interfaces/libpq install
    # 18 has no pg_config_ext.h any more.
    find src/include -maxdepth 1 \( -name postgres_ext.h -o -name pg_config_ext.h \) -exec install -m 644 {} "$prefix/include" \;
    cd / && rm -rf "$work"
    touch "$stamp"
}
fallback="Going on with the system's libpq: rows come one at a time and cancel requests without TLS."
step "Building libpq 17 or newer" "check the network, then run this again" build
