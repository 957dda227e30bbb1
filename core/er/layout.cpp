// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/er/layout.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace howdah::er {

namespace {

constexpr double margin = 32;
constexpr double gap_y = 28;
constexpr double channel = 64;    ///< between two layers: room for the vertical pieces
constexpr double lane = 9;        ///< between two vertical pieces

std::size_t lettersIn(const std::string &utf8)
{
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char letter) { return (static_cast<unsigned char>(letter) & 0xC0U) != 0x80U; }));
}

void measure(Box &box)
{
    std::size_t wide = lettersIn(box.name) + 4;
    for (const Column &column : box.columns)
        wide = std::max(wide, lettersIn(column.name) + std::min<std::size_t>(lettersIn(column.type), 18) + 6);
    box.width = std::clamp(static_cast<double>(wide) * character_width + 24, 150.0, 340.0);
    box.height = head_height + row_height * static_cast<double>(box.columns.size() + (box.hidden_columns > 0 ? 1 : 0)) + 6;
}

/// A layer right of everything that is referenced; cycles are cut where the walk comes back to itself.
void assignLayers(Diagram &diagram)
{
    std::vector<std::vector<std::size_t>> references(diagram.boxes.size());
    for (const Edge &edge : diagram.edges) {
        if (edge.from != edge.to)
            references[edge.from].push_back(edge.to);
    }
    enum class Mark : std::uint8_t { New, Open, Done };
    std::vector<Mark> marks(diagram.boxes.size(), Mark::New);
    for (std::size_t start = 0; start < diagram.boxes.size(); ++start) {
        // Its own stack: a chain of a thousand tables must not recurse a thousand deep.
        std::vector<std::pair<std::size_t, std::size_t>> stack;
        if (marks[start] == Mark::New)
            stack.emplace_back(start, 0);
        while (!stack.empty()) {
            auto &[box, next] = stack.back();
            marks[box] = Mark::Open;
            if (next < references[box].size()) {
                const std::size_t to = references[box][next++];
                if (marks[to] == Mark::New)
                    stack.emplace_back(to, 0);
                continue;
            }
            int layer = 0;
            for (const std::size_t to : references[box]) {
                if (marks[to] == Mark::Done)
                    layer = std::max(layer, diagram.boxes[to].layer + 1);
            }
            diagram.boxes[box].layer = layer;
            marks[box] = Mark::Done;
            stack.pop_back();
        }
    }
}

/// Long layers are broken into several columns, and tables without any foreign key stand in a block at the end.
std::vector<std::vector<std::size_t>> columnsOf(const Diagram &diagram)
{
    std::vector<bool> connected(diagram.boxes.size(), false);
    for (const Edge &edge : diagram.edges)
        connected[edge.from] = connected[edge.to] = true;
    int last = -1;
    double area = 0;
    for (std::size_t i = 0; i < diagram.boxes.size(); ++i) {
        area += (diagram.boxes[i].height + gap_y) * (diagram.boxes[i].width + channel);
        if (connected[i])
            last = std::max(last, diagram.boxes[i].layer);
    }
    const double tall = std::max(620.0, std::sqrt(area) * 0.8);
    std::vector<std::vector<std::size_t>> columns;
    const auto fill = [&](const std::vector<std::size_t> &boxes) {
        double height = tall + 1;
        for (const std::size_t box : boxes) {
            if (height + diagram.boxes[box].height > tall) {
                columns.emplace_back();
                height = 0;
            }
            columns.back().push_back(box);
            height += diagram.boxes[box].height + gap_y;
        }
    };
    for (int layer = 0; layer <= last; ++layer) {
        std::vector<std::size_t> boxes;
        for (std::size_t i = 0; i < diagram.boxes.size(); ++i) {
            if (connected[i] && diagram.boxes[i].layer == layer)
                boxes.push_back(i);
        }
        fill(boxes);
    }
    std::vector<std::size_t> alone;
    for (std::size_t i = 0; i < diagram.boxes.size(); ++i) {
        if (!connected[i])
            alone.push_back(i);
    }
    fill(alone);
    return columns;
}

/// Sweeps to and fro and sorts each column by where its neighbours stand, which untangles most crossings.
void order(const Diagram &diagram, std::vector<std::vector<std::size_t>> &columns)
{
    std::vector<std::vector<std::size_t>> neighbours(diagram.boxes.size());
    for (const Edge &edge : diagram.edges) {
        if (edge.from == edge.to)
            continue;
        neighbours[edge.from].push_back(edge.to);
        neighbours[edge.to].push_back(edge.from);
    }
    std::vector<double> place(diagram.boxes.size(), 0);
    const auto settle = [&](const std::vector<std::size_t> &column) {
        for (std::size_t i = 0; i < column.size(); ++i)
            place[column[i]] = (static_cast<double>(i) + 0.5) / static_cast<double>(column.size());
    };
    for (const auto &column : columns)
        settle(column);
    for (int sweep = 0; sweep < 8; ++sweep) {
        for (std::size_t at = 0; at < columns.size(); ++at) {
            auto &column = columns[sweep % 2 == 0 ? at : columns.size() - 1 - at];
            std::map<std::size_t, double> wanted;
            for (const std::size_t box : column) {
                double sum = 0;
                for (const std::size_t other : neighbours[box])
                    sum += place[other];
                wanted[box] = neighbours[box].empty() ? place[box] : sum / static_cast<double>(neighbours[box].size());
            }
            std::stable_sort(column.begin(), column.end(), [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
            settle(column);
        }
    }
}

/// Where each edge leaves and enters its boxes: spread over a side in the order of the other ends.
struct Ports {
    std::vector<double> from_y, to_y;
};

Ports spreadPorts(const Diagram &diagram)
{
    struct End {
        std::size_t edge;
        bool from;
        double other;
    };
    std::map<std::pair<std::size_t, bool>, std::vector<End>> sides; ///< box, right side
    for (std::size_t i = 0; i < diagram.edges.size(); ++i) {
        const Edge &edge = diagram.edges[i];
        const Box &from = diagram.boxes[edge.from];
        const Box &to = diagram.boxes[edge.to];
        const bool leaves_left = edge.from != edge.to && to.x < from.x;
        const bool enters_right = edge.from == edge.to || to.x <= from.x;
        sides[{edge.from, !leaves_left}].push_back({i, true, to.y + to.height / 2});
        sides[{edge.to, enters_right}].push_back({i, false, from.y + from.height / 2});
    }
    Ports ports{std::vector<double>(diagram.edges.size()), std::vector<double>(diagram.edges.size())};
    for (auto &[side, ends] : sides) {
        std::stable_sort(ends.begin(), ends.end(), [](const End &a, const End &b) { return a.other < b.other; });
        const Box &box = diagram.boxes[side.first];
        const double room = box.height - head_height;
        for (std::size_t i = 0; i < ends.size(); ++i) {
            const double y = box.y + head_height + room * (static_cast<double>(i) + 1) / (static_cast<double>(ends.size()) + 1);
            (ends[i].from ? ports.from_y : ports.to_y)[ends[i].edge] = y;
        }
    }
    return ports;
}

} // namespace

void layOut(Diagram &diagram)
{
    for (Box &box : diagram.boxes)
        measure(box);
    assignLayers(diagram);
    auto columns = columnsOf(diagram);
    order(diagram, columns);

    // How many edges cross or use the gap right of each column: they get a lane each there.
    std::vector<std::size_t> column_of(diagram.boxes.size(), 0);
    double tallest = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        double height = 0;
        for (const std::size_t box : columns[c]) {
            column_of[box] = c;
            height += diagram.boxes[box].height + gap_y;
        }
        tallest = std::max(tallest, height);
    }
    // An edge runs down in the gap beside its referencing box, along a corridor above everything it passes, where it
    // passes a column, and down again in the gap beside the referenced box.
    std::vector<std::vector<std::pair<std::size_t, int>>> gaps(columns.size() + 1); ///< gap g is left of column g
    std::vector<std::size_t> corridor;
    for (std::size_t i = 0; i < diagram.edges.size(); ++i) {
        const std::size_t from = column_of[diagram.edges[i].from];
        const std::size_t to = column_of[diagram.edges[i].to];
        const std::size_t near = to < from ? from : from + 1;
        const std::size_t far = to <= from ? to + 1 : to;
        gaps[near].emplace_back(i, 0);
        if (far != near) {
            gaps[far].emplace_back(i, 1);
            corridor.push_back(i);
        }
    }
    const double top = margin + (corridor.empty() ? 0 : lane * static_cast<double>(corridor.size()) + gap_y);
    double x = margin;
    std::vector<double> gap_x(columns.size() + 1, 0);
    std::vector<double> gap_width(columns.size() + 1, 0);
    for (std::size_t c = 0; c <= columns.size(); ++c) {
        gap_x[c] = x;
        gap_width[c] = (c == 0 || c == columns.size()) && gaps[c].empty() ? 0 : channel + lane * static_cast<double>(gaps[c].size());
        x += gap_width[c];
        if (c == columns.size())
            break;
        double wide = 0;
        double height = 0;
        for (const std::size_t box : columns[c]) {
            wide = std::max(wide, diagram.boxes[box].width);
            height += diagram.boxes[box].height + gap_y;
        }
        double y = top + (tallest - height) / 2;
        for (const std::size_t box : columns[c]) {
            Box &placed = diagram.boxes[box];
            placed.x = x;
            placed.width = wide;
            placed.y = std::round(y);
            y += placed.height + gap_y;
        }
        x += wide;
    }
    diagram.width = x + margin;
    diagram.height = top + tallest + margin - gap_y;

    const Ports ports = spreadPorts(diagram);
    // Within a gap, lanes go in the order of the ends, so that neighbours do not cross needlessly.
    std::map<std::pair<std::size_t, int>, double> lane_x;
    for (std::size_t g = 0; g < gaps.size(); ++g) {
        std::stable_sort(gaps[g].begin(), gaps[g].end(), [&](const auto &a, const auto &b) {
            const auto y = [&](const auto &use) { return use.second == 0 ? ports.from_y[use.first] : ports.to_y[use.first]; };
            return y(a) < y(b);
        });
        const double first = gap_x[g] + (gap_width[g] - lane * static_cast<double>(gaps[g].size())) / 2;
        for (std::size_t i = 0; i < gaps[g].size(); ++i)
            lane_x[gaps[g][i]] = first + lane * (static_cast<double>(i) + 0.5);
    }
    std::size_t next_corridor = 0;
    for (std::size_t i = 0; i < diagram.edges.size(); ++i) {
        Edge &edge = diagram.edges[i];
        const Box &from = diagram.boxes[edge.from];
        const Box &to = diagram.boxes[edge.to];
        const bool leaves_left = column_of[edge.to] < column_of[edge.from];
        const bool enters_right = column_of[edge.to] <= column_of[edge.from];
        const double from_x = leaves_left ? from.x : from.x + from.width;
        const double to_x = enters_right ? to.x + to.width : to.x;
        const double near_x = lane_x[{i, 0}];
        edge.path = {{from_x, ports.from_y[i]}, {near_x, ports.from_y[i]}};
        if (const auto far = lane_x.find({i, 1}); far != lane_x.end()) {
            const double y = margin + lane * static_cast<double>(next_corridor++);
            edge.path.push_back({near_x, y});
            edge.path.push_back({far->second, y});
            edge.path.push_back({far->second, ports.to_y[i]});
        } else {
            edge.path.push_back({near_x, ports.to_y[i]});
        }
        edge.path.push_back({to_x, ports.to_y[i]});
    }
}

} // namespace howdah::er
