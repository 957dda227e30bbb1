#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From the start of the program to its window on the screen, beside DB Browser for SQLite where that is installed:
# start_window.sh [build folder] [rounds]. Needs xvfb-run and xdotool.
set -eu
build=$(realpath "${1:-build/release}")
rounds=${2:-5}
HOWDAH_HOME=$(mktemp -d)
export HOWDAH_HOME HOWDAH_TOOLS="$build/app/tools"
trap 'rm -rf "$HOWDAH_HOME"' EXIT

shown() { # TITLE COMMAND: milliseconds until a window of that title is visible
    xvfb-run -a -s "-screen 0 1920x1200x24 -nolisten tcp" bash -c '
        title=$1; shift
        begin=$(date +%s%N); "$@" >/dev/null 2>&1 & program=$!
        for ((i = 0; i < 4000; ++i)); do
            xdotool search --onlyvisible --name "$title" >/dev/null 2>&1 && break
            sleep 0.005
        done
        echo $(( ($(date +%s%N) - begin) / 1000000 )); kill $program; wait $program 2>/dev/null || true' shown "$@"
}

measure() { # LABEL TITLE COMMAND
    local label=$1; shift
    local times=()
    for ((round = 0; round < rounds; ++round)); do times+=("$(shown "$@")"); done
    printf '%-22s' "$label"; printf ' %5s ms' "${times[@]}"; echo
}

measure Howdah Howdah "$build/app/howdah"
if command -v sqlitebrowser >/dev/null; then
    measure sqlitebrowser "DB Browser" sqlitebrowser
else
    echo "sqlitebrowser is not installed"
fi
