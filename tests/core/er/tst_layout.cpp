// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <cmath>

#include <QtTest>

#include "core/er/layout.h"

using namespace howdah;

namespace {

/// `tables` tables of ten columns; every one but the first few references up to three before it, some themselves.
pg::Catalog madeUp(int tables)
{
    pg::Catalog catalog;
    catalog.schemas.push_back({1, "s", "o", false});
    for (int i = 0; i < tables; ++i) {
        pg::CatalogRelation relation;
        relation.oid = static_cast<std::uint32_t>(1000 + i);
        relation.schema = "s";
        relation.name = "table_" + std::to_string(i);
        for (std::int16_t c = 1; c <= 10; ++c) {
            pg::CatalogColumn column;
            column.name = "column_" + std::to_string(c);
            column.type = "integer";
            column.attnum = c;
            relation.columns.push_back(column);
        }
        pg::CatalogConstraint key;
        key.name = "pk";
        key.type = 'p';
        key.columns = {1};
        relation.constraints.push_back(key);
        for (int k = 1; k <= i % 4; ++k) {
            pg::CatalogConstraint reference;
            reference.name = "fk" + std::to_string(k);
            reference.type = 'f';
            reference.columns = {static_cast<std::int16_t>(1 + k)};
            reference.referenced_oid = static_cast<std::uint32_t>(1000 + (k == 3 && i % 8 == 3 ? i : (i * 7 * k) % i));
            relation.constraints.push_back(reference);
        }
        catalog.relations.push_back(std::move(relation));
    }
    catalog.buildLookups();
    return catalog;
}

} // namespace

class TestLayout : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void placesBoxesApartAndEdgesAtTheirBoxes()
    {
        const er::Diagram diagram = er::diagramOfSchema(madeUp(200), "s");
        QCOMPARE(diagram.boxes.size(), std::size_t(200));
        QCOMPARE(diagram.edges.size(), std::size_t(300));
        for (std::size_t a = 0; a < diagram.boxes.size(); ++a) {
            const er::Box &one = diagram.boxes[a];
            QVERIFY(one.x >= 0 && one.y >= 0 && one.x + one.width <= diagram.width && one.y + one.height <= diagram.height);
            for (std::size_t b = a + 1; b < diagram.boxes.size(); ++b) {
                const er::Box &other = diagram.boxes[b];
                QVERIFY(one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y || other.y + other.height <= one.y);
            }
        }
        for (const er::Edge &edge : diagram.edges) {
            QVERIFY(edge.path.size() >= 4);
            const auto touches = [](const er::Box &box, const er::Point &point) {
                return (std::abs(point.x - box.x) < 0.01 || std::abs(point.x - box.x - box.width) < 0.01) && point.y > box.y && point.y < box.y + box.height;
            };
            QVERIFY(touches(diagram.boxes[edge.from], edge.path.front()));
            QVERIFY(touches(diagram.boxes[edge.to], edge.path.back()));
            for (std::size_t i = 1; i < edge.path.size(); ++i) {
                const er::Point &from = edge.path[i - 1];
                const er::Point &to = edge.path[i];
                QVERIFY(std::abs(from.x - to.x) < 0.01 || std::abs(from.y - to.y) < 0.01);
                // No piece runs through a table.
                for (const er::Box &box : diagram.boxes) {
                    const bool through = std::max(from.x, to.x) > box.x + 0.5 && std::min(from.x, to.x) < box.x + box.width - 0.5 && std::max(from.y, to.y) > box.y + 0.5
                                         && std::min(from.y, to.y) < box.y + box.height - 0.5;
                    QVERIFY(!through);
                }
            }
        }
    }

    void isTheSameEveryTimeAndFast()
    {
        const pg::Catalog catalog = madeUp(200);
        const auto begin = std::chrono::steady_clock::now();
        const er::Diagram first = er::diagramOfSchema(catalog, "s");
        const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
        qInfo("200 tables, %zu foreign keys: %.1f ms", first.edges.size(), ms);
        QVERIFY(ms < 1000);
        const er::Diagram second = er::diagramOfSchema(catalog, "s");
        for (std::size_t i = 0; i < first.boxes.size(); ++i) {
            QCOMPARE(second.boxes[i].x, first.boxes[i].x);
            QCOMPARE(second.boxes[i].y, first.boxes[i].y);
        }
    }

    void keepsToTheNeighbours()
    {
        const pg::Catalog catalog = madeUp(40);
        const er::Diagram diagram = er::diagramAround(catalog, 1005);
        QVERIFY(diagram.boxes.size() >= 2 && diagram.boxes.size() < 40);
        QCOMPARE(diagram.boxes.front().oid, 1005U);
        QCOMPARE(er::diagramAround(catalog, 4).boxes.size(), std::size_t(0));
        er::Options few;
        few.max_tables = 7;
        QVERIFY(er::diagramOfSchema(catalog, "s", few).truncated);
    }
};

QTEST_GUILESS_MAIN(TestLayout)
#include "tst_layout.moc"
