# SPDX-License-Identifier: GPL-3.0-or-later
# A private apt state that knows Debian trixie beside whatever the machine runs; the system's own sources stay
# untouched. The mirror is the one the machine's own configuration names. Sourced by the recipes.

trixie_mirror() {
    { grep -hoE '^(URIs:|deb)[^#]*https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } |
        grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' '
}

trixie_options() {
    local root=$HOWDAH_DEPS/apt
    printf -- '-oDir::State::Lists=%s/lists\n-oDir::Cache=%s/cache\n-oDir::Etc::sourcelist=%s/sources.list\n' "$root" "$root" "$root"
    printf -- '-oDir::Etc::sourceparts=/dev/null\n-oDir::Etc::preferencesparts=/dev/null\n-oAPT::Sandbox::User=root\n'
}

trixie_apt() {
    local root=$HOWDAH_DEPS/apt options
    mapfile -t options < <(trixie_options)
    if [ ! -e "$root/ready" ]; then
        mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
        local mirror
        mirror=$(trixie_mirror)
        mirror=${mirror%/}
        {
            printf 'deb %s trixie main\ndeb-src %s trixie main\n' "$mirror" "$mirror"
            # A second release, for when a mirror lists a source that it no longer holds.
            printf 'deb-src %s forky main\n' "$mirror"
        } >"$root/sources.list"
        apt-get "${options[@]}" update
        touch "$root/ready"
    fi
    apt-get "${options[@]}" "$@"
}

# The upstream tarball alone, into the current folder: trixie_source NAME/trixie, or NAME=VERSION.
trixie_source() { trixie_apt source --download-only --tar-only "$1"; }
