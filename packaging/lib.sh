# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by setup, run and test: steps with their seconds, and one sentence of advice when one fails.
# Source it; it sets the shell's strict mode.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DEBIAN_FRONTEND=noninteractive

if [ -z "${HOWDAH_DEPS:-}" ]; then
    if [ "$(id -u)" = 0 ]; then
        HOWDAH_DEPS=/var/cache/howdah
    else
        HOWDAH_DEPS=${XDG_CACHE_HOME:-$HOME/.cache}/howdah
    fi
fi
export HOWDAH_DEPS
prefix=$HOWDAH_DEPS/prefix
mkdir -p "$HOWDAH_DEPS/src" "$HOWDAH_DEPS/stamps" "$prefix"
jobs=$(nproc)

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
say() { printf '%s\n' "$*"; }

# step "What is done" "What to do when it fails" command…
# Never call it as a condition or before ||: bash would switch errexit off in everything below it. A recipe that
# can be done without sets `fallback` to the sentence to say instead of stopping.
step() {
    local what=$1 advice=$2 started=$SECONDS log
    shift 2
    log=$(mktemp)
    printf '• %s … ' "$what"
    # In the background and waited for, so that errexit stays on within the command.
    "$@" >"$log" 2>&1 </dev/null &
    if wait $!; then
        printf 'done, %d s\n' $((SECONDS - started))
        rm -f "$log"
    else
        printf 'failed after %d s\n' $((SECONDS - started))
        if [ -n "${fallback:-}" ]; then
            say "  $fallback ($log tells why)"
            exit 0
        fi
        tail -n 40 "$log"
        say "What to do: $advice (whole output: $log)"
        return 1
    fi
}
