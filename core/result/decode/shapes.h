// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace howdah::result::decode {

struct Point {
    double x = 0;
    double y = 0;
};

/// One figure of a geometry. A line without ends has two of its points.
struct Figure {
    enum class Kind : std::uint8_t { Points, Path, Area, Line, Circle };
    Kind kind = Kind::Points;
    std::vector<std::vector<Point>> rings; ///< an area's outer ring, then its holes; others have one
    double radius = 0;                     ///< of circles, around rings[0][0]
};

struct Shape {
    std::string name;             ///< "polygon", "MULTIPOLYGON"
    std::vector<Figure> figures;
    std::optional<std::uint32_t> srid;
    std::size_t points = 0;
};

/// PostgreSQL's own types as they print, told by their type's name: point, lseg, box, path, polygon, circle, line.
[[nodiscard]] std::optional<Shape> readGeometry(std::string_view text, std::string_view type_name);
/// PostGIS geometry and geography: hexadecimal EWKB, both byte orders, Z and M left out. At most a million points.
[[nodiscard]] std::optional<Shape> readEwkb(std::string_view hex);

/// "[1,0.5,-2]", as pgvector prints vectors and halfvecs.
[[nodiscard]] std::optional<std::vector<double>> readVector(std::string_view text);
/// The Euclidean length.
[[nodiscard]] double normOf(const std::vector<double> &vector);

struct RangeEnd {
    std::string text;             ///< empty: unbounded
    std::optional<double> place;  ///< on an axis: numbers as they are, times in microseconds
    bool inclusive = false;
};

struct Range {
    bool empty = false;
    RangeEnd lower, upper;
};

/// A range ("[1,5)", "empty") or a multirange ("{[1,2),[5,9]}") as they print. Bounds without a place (of other types than
/// numbers and times) are told but cannot be drawn.
[[nodiscard]] std::optional<std::vector<Range>> readRanges(std::string_view text);

/// "PNG", "JPEG", "GIF", "WebP", "BMP", "SVG": what the bytes begin like; "" for anything else.
[[nodiscard]] std::string_view imageFormat(std::string_view bytes);

} // namespace howdah::result::decode
