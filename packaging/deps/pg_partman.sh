# SPDX-License-Identifier: GPL-3.0-or-later
# pg_partman 5 beside Debian 12's 4.7 on the packaged server: its scripts alone, so that CREATE EXTENSION … VERSION
# gives either; the packaged one stays what is installed unless told.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../trixie.sh"
extensions=/usr/share/postgresql/15/extension
if compgen -G "$extensions/pg_partman--5.?.?.sql" >/dev/null; then
    say "• pg_partman 5 … there"
    exit
fi

build() {
    local work=$HOWDAH_DEPS/src/pg_partman
    rm -rf "$work" && mkdir -p "$work" && cd "$work"
    trixie_source pg-partman/trixie
    mkdir source && tar -xf ./*.orig.tar.* -C source --strip-components=1
    local version
    version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" source/pg_partman.control)
    make -C source NO_BGW=1 "sql/pg_partman--$version.sql" PG_CONFIG=/usr/lib/postgresql/15/bin/pg_config
    as_root install -m 644 "source/sql/pg_partman--$version.sql" "$extensions"
    # The way up from the packaged one.
    find source/updates -name 'pg_partman--*--5.*.sql' -o -name 'pg_partman--4.7.*--4.7.*.sql' | while read -r script; do
        [ -e "$extensions/$(basename "$script")" ] || as_root install -m 644 "$script" "$extensions"
    done
    cd / && rm -rf "$work"
}
fallback="Going on without it: pg_partman 5 is then not tested."
step "Building the scripts of pg_partman 5 for PostgreSQL 15" "check the network, then run this again" build
