# SPDX-License-Identifier: GPL-3.0-or-later
# KSyntaxHighlighting for Qt 6. Debian 12 has it for Qt 5 only; later releases package it.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../trixie.sh"
version=5.116.0
stamp=$HOWDAH_DEPS/stamps/ksyntax-highlighting-$version
[ -e "$stamp" ] && { say "• KSyntaxHighlighting $version … there"; exit; }

build() {
    local work=$HOWDAH_DEPS/src/ksyntax-highlighting
    rm -rf "$work" && mkdir -p "$work" && cd "$work"
    trixie_source ksyntax-highlighting=$version-1
    mkdir source && tar -xf ksyntax-highlighting_*.orig.tar.* -C source --strip-components=1
    trixie_apt download extra-cmake-modules/trixie && dpkg -x extra-cmake-modules_*.deb ecm
    cmake -G Ninja -S source -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" \
        -DCMAKE_INSTALL_LIBDIR=lib -DECM_DIR="$work/ecm/usr/share/ECM/cmake" -DBUILD_WITH_QT6=ON -DBUILD_TESTING=OFF
    cmake --build build -j "$jobs"
    cmake --install build
    cd / && rm -rf "$work"
    touch "$stamp"
}
step "Building KSyntaxHighlighting $version for Qt 6" "check the network, then run this again" build
