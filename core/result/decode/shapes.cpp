// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/decode/shapes.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/result/sort_key.h"
#include "core/result/value_text.h"

namespace howdah::result::decode {

namespace {

constexpr std::size_t most_points = 1'000'000;
constexpr int most_nesting = 32;

/// All numbers of a text; nullopt where anything else than brackets, commas and blanks stands between them.
std::optional<std::vector<double>> numbersIn(std::string_view text)
{
    std::vector<double> numbers;
    const char *at = text.data();
    const char *const end = at + text.size();
    while (at < end) {
        if (std::string_view("()[]{}<>, ").find(*at) != std::string_view::npos) {
            ++at;
            continue;
        }
        double value = 0;
        const auto [next, failed] = std::from_chars(at, end, value);
        if (failed != std::errc() || !std::isfinite(value) || numbers.size() > 2 * most_points)
            return std::nullopt;
        numbers.push_back(value);
        at = next;
    }
    return numbers;
}

std::vector<Point> pointsOf(const std::vector<double> &numbers)
{
    std::vector<Point> points;
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2)
        points.push_back({numbers[i], numbers[i + 1]});
    return points;
}

class EwkbReader
{
public:
    explicit EwkbReader(std::string_view bytes) : bytes_(bytes) { }
    std::optional<Shape> read()
    {
        Shape shape;
        return geometry(shape, 0) && at_ == bytes_.size() ? std::optional(shape) : std::nullopt;
    }

private:
    template <typename T> bool number(T &out)
    {
        if (bytes_.size() - at_ < sizeof(T))
            return false;
        char raw[sizeof(T)];
        std::memcpy(raw, bytes_.data() + at_, sizeof(T));
        if (swapped_)
            std::reverse(std::begin(raw), std::end(raw));
        std::memcpy(&out, raw, sizeof(T));
        at_ += sizeof(T);
        return true;
    }
    bool points(std::vector<Point> &out, std::uint32_t count, int dimensions, Shape &shape)
    {
        if (count > (bytes_.size() - at_) / (8 * static_cast<std::size_t>(dimensions)) || shape.points + count > most_points)
            return false;
        for (std::uint32_t i = 0; i < count; ++i) {
            double values[4]{};
            for (int k = 0; k < dimensions; ++k) {
                if (!number(values[k]))
                    return false;
            }
            if (std::isfinite(values[0]) && std::isfinite(values[1]))
                out.push_back({values[0], values[1]});
        }
        shape.points += count;
        return true;
    }
    bool geometry(Shape &shape, int nesting)
    {
        static constexpr const char *names[] = {"", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"};
        if (nesting > most_nesting || at_ >= bytes_.size())
            return false;
        swapped_ = (bytes_[at_++] == 1) != (std::endian::native == std::endian::little);
        std::uint32_t type = 0, count = 0;
        if (!number(type))
            return false;
        const int dimensions = 2 + ((type & 0x80000000U) != 0 ? 1 : 0) + ((type & 0x40000000U) != 0 ? 1 : 0);
        if (std::uint32_t srid = 0; (type & 0x20000000U) != 0) {
            if (!number(srid))
                return false;
            shape.srid = srid;
        }
        type &= 0x0FFFFFFFU;
        if (type < 1 || type > 7)
            return false;
        if (shape.name.empty())
            shape.name = names[type];
        Figure figure;
        if (type == 1) {
            figure.rings.resize(1);
            if (!points(figure.rings[0], 1, dimensions, shape))
                return false;
        } else if (!number(count)) {
            return false;
        } else if (type == 2) {
            figure.kind = Figure::Kind::Path;
            figure.rings.resize(1);
            if (!points(figure.rings[0], count, dimensions, shape))
                return false;
        } else if (type == 3) {
            figure.kind = Figure::Kind::Area;
            for (std::uint32_t ring = 0; ring < count; ++ring) {
                std::uint32_t size = 0;
                figure.rings.emplace_back();
                if (!number(size) || !points(figure.rings.back(), size, dimensions, shape))
                    return false;
            }
        } else {
            for (std::uint32_t part = 0; part < count; ++part) {
                if (!geometry(shape, nesting + 1))
                    return false;
            }
            return true;
        }
        if (!figure.rings.empty() && !figure.rings[0].empty())
            shape.figures.push_back(std::move(figure));
        return true;
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    bool swapped_ = false;
};

RangeEnd endOf(std::string_view text, bool inclusive)
{
    RangeEnd end;
    end.inclusive = inclusive;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"')
            continue;
        if (text[at] == '\\' && at + 1 < text.size())
            ++at;
        end.text += text[at];
    }
    double value = 0;
    const auto [next, failed] = std::from_chars(end.text.data(), end.text.data() + end.text.size(), value);
    if (failed == std::errc() && next == end.text.data() + end.text.size() && std::isfinite(value))
        end.place = value;
    else if (const auto moment = timestampKey(end.text); moment && !end.text.ends_with("infinity"))
        end.place = static_cast<double>(*moment);
    return end;
}

/// One range from `at`, which moves behind it.
std::optional<Range> rangeAt(std::string_view text, std::size_t &at)
{
    Range range;
    if (text.substr(at).starts_with("empty")) {
        range.empty = true;
        at += 5;
        return range;
    }
    if (at >= text.size() || (text[at] != '[' && text[at] != '('))
        return std::nullopt;
    const bool from_inclusive = text[at++] == '[';
    std::size_t comma = std::string_view::npos;
    const std::size_t begin = at;
    for (bool quoted = false; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\\')
            ++at;
        else if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted && comma == std::string_view::npos)
            comma = at;
        else if ((c == ']' || c == ')') && !quoted)
            break;
    }
    if (at >= text.size() || comma == std::string_view::npos)
        return std::nullopt;
    range.lower = endOf(text.substr(begin, comma - begin), from_inclusive);
    range.upper = endOf(text.substr(comma + 1, at - comma - 1), text[at] == ']');
    ++at;
    return range;
}

} // namespace

std::optional<Shape> readGeometry(std::string_view text, std::string_view type_name)
{
    const auto numbers = numbersIn(text);
    if (!numbers || numbers->empty())
        return std::nullopt;
    Shape shape;
    shape.name = type_name;
    Figure figure;
    const std::size_t count = numbers->size();
    if (type_name == "circle" && count == 3) {
        figure.kind = Figure::Kind::Circle;
        figure.radius = (*numbers)[2];
        figure.rings = {{{(*numbers)[0], (*numbers)[1]}}};
    } else if (type_name == "line" && count == 3) { // {A,B,C}: A x + B y + C = 0
        const double a = (*numbers)[0], b = (*numbers)[1], c = (*numbers)[2];
        if (a == 0 && b == 0)
            return std::nullopt;
        figure.kind = Figure::Kind::Line;
        const Point foot{-a * c / (a * a + b * b), -b * c / (a * a + b * b)};
        figure.rings = {{foot, {foot.x + b, foot.y - a}}};
    } else if (count % 2 != 0) {
        return std::nullopt;
    } else {
        std::vector<Point> points = pointsOf(*numbers);
        if (type_name == "box" && points.size() == 2) {
            const Point a = points[0], b = points[1];
            points = {a, {a.x, b.y}, b, {b.x, a.y}};
            figure.kind = Figure::Kind::Area;
        } else if (type_name == "polygon") {
            figure.kind = Figure::Kind::Area;
        } else if (type_name == "lseg" && points.size() == 2) {
            figure.kind = Figure::Kind::Path;
        } else if (type_name == "path") {
            figure.kind = Figure::Kind::Path;
            if (text.starts_with("(")) // a closed one
                points.push_back(points.front());
        } else if (type_name != "point" || points.size() != 1) {
            return std::nullopt;
        }
        figure.rings = {std::move(points)};
    }
    shape.points = figure.rings[0].size();
    shape.figures.push_back(std::move(figure));
    return shape;
}

std::optional<Shape> readEwkb(std::string_view hex)
{
    if (hex.size() < 18 || hex.size() % 2 != 0 || (!hex.starts_with("01") && !hex.starts_with("00")))
        return std::nullopt;
    const auto bytes = decodeBytea("\\x" + std::string(hex));
    return bytes ? EwkbReader(*bytes).read() : std::nullopt;
}

std::optional<std::vector<double>> readVector(std::string_view text)
{
    if (text.size() < 3 || text.front() != '[' || text.back() != ']' || text.find_first_of("()<>{} ") != std::string_view::npos)
        return std::nullopt;
    return numbersIn(text);
}

double normOf(const std::vector<double> &vector)
{
    double sum = 0;
    for (const double value : vector)
        sum += value * value;
    return std::sqrt(sum);
}

std::optional<std::vector<Range>> readRanges(std::string_view text)
{
    std::vector<Range> ranges;
    std::size_t at = 0;
    if (!text.starts_with('{')) {
        const auto range = rangeAt(text, at);
        return range && at == text.size() ? std::optional(std::vector<Range>{*range}) : std::nullopt;
    }
    for (at = 1; at < text.size() && text[at] != '}';) {
        auto range = rangeAt(text, at);
        if (!range || ranges.size() >= most_points)
            return std::nullopt;
        ranges.push_back(std::move(*range));
        if (at < text.size() && text[at] == ',')
            ++at;
    }
    return at + 1 == text.size() ? std::optional(ranges) : std::nullopt;
}

std::string_view imageFormat(std::string_view bytes)
{
    if (bytes.starts_with("\x89PNG\r\n\x1a\n"))
        return "PNG";
    if (bytes.starts_with("\xff\xd8\xff"))
        return "JPEG";
    if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a"))
        return "GIF";
    if (bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP")
        return "WebP";
    if (bytes.starts_with("BM") && bytes.size() > 26)
        return "BMP";
    const std::string_view head = bytes.substr(0, 300);
    return head.find("<svg") != std::string_view::npos && head.starts_with('<') ? "SVG" : "";
}

} // namespace howdah::result::decode
