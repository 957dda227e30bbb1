// SPDX-License-Identifier: GPL-3.0-or-later
// What a frame of a large plan takes in a real window: bench_plan_window [file]. Without a file: an Append over 10,000
// partitions, made here. Pans and zooms as a person would, paints each step at once, and prints the median and the worst
// frame in milliseconds. Under Xvfb (xvfb-run -a) it measures software rendering.
#include <algorithm>
#include <chrono>
#include <vector>

#include <QApplication>
#include <QFile>
#include <QScrollBar>
#include <QTest>
#include <QTimer>

#include <fmt/format.h>

#include "ui/base/palette.h"
#include "ui/plan/plan_canvas.h"
#include "ui/plan/plan_view.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

/// A tree that does not fold: 10,000 leaves of different kinds under a hierarchy of Appends, ten wide.
std::string largePlan(int leaves)
{
    std::string text = "Append  (cost=0.00..99999.00 rows=100000 width=4) (actual time=0.010..900.000 rows=100000 loops=1)\n";
    for (int group = 0; group < leaves / 10; ++group) {
        text += "  ->  Append  (cost=0.00..99.00 rows=100 width=4) (actual time=0.010..0.900 rows=100 loops=1)\n";
        for (int leaf = 0; leaf < 9; ++leaf)
            text += fmt::format("        ->  {0} on t{1}_{2}  (cost=0.00..10.00 rows=10 width=4) (actual time=0.001..0.0{3:02} rows=10 loops=1)\n"
                                "              Filter: (id > {1})\n",
                                leaf % 2 == 0 ? "Seq Scan" : "Parallel Seq Scan", group, leaf, (group + leaf) % 90 + 1);
    }
    return text + "Execution Time: 900.000 ms\n";
}

void tell(const char *what, std::vector<double> frames)
{
    std::sort(frames.begin(), frames.end());
    fmt::print("{:8} {:4} frames  median {:6.2f} ms  worst {:6.2f} ms\n", what, frames.size(), frames[frames.size() / 2], frames.back());
}

template <typename Step> std::vector<double> measured(QWidget *viewport, int count, Step step)
{
    std::vector<double> frames;
    for (int i = 0; i < count; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        step(i);
        viewport->repaint();
        frames.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    return frames;
}

} // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    applyTheme(application, Theme::Light);
    std::string source;
    if (argc > 1) {
        QFile file(QString::fromLocal8Bit(argv[1]));
        if (!file.open(QIODevice::ReadOnly))
            return 2;
        source = file.readAll().toStdString();
    } else {
        source = largePlan(10'000);
    }
    const auto document = readPlanDocument(std::move(source));
    if (!document)
        return 1;
    PlanView view;
    view.resize(1'280, 800);
    view.setDocument(*document);
    view.show();
    if (!QTest::qWaitForWindowExposed(&view))
        return 1;
    PlanCanvas *canvas = view.canvas();
    fmt::print("{} nodes, {} cards, {} x {} pixels\n", (*document)->plans[0].nodes.size(), canvas->layout().items.size(), canvas->viewport()->width(),
               canvas->viewport()->height());
    QScrollBar *across = canvas->horizontalScrollBar(), *down = canvas->verticalScrollBar();
    canvas->setZoom(1);
    tell("pan", measured(canvas->viewport(), 300, [&](int i) {
             across->setValue(across->minimum() + (across->maximum() - across->minimum()) * i / 300);
             down->setValue(down->minimum() + (down->maximum() - down->minimum()) * (i % 50) / 50);
         }));
    tell("zoom", measured(canvas->viewport(), 120, [&](int i) { canvas->setZoom(i < 60 ? canvas->zoom() / 1.08 : canvas->zoom() * 1.08); }));
    canvas->fit();
    tell("whole", measured(canvas->viewport(), 60, [&](int i) { across->setValue(i % 2); }));
    return 0;
}
