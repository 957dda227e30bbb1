// SPDX-License-Identifier: GPL-3.0-or-later
// Values as trees and pictures beside the grid.
#include <QAbstractItemModelTester>
#include <QApplication>
#include <QBuffer>
#include <QImage>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>

#include <cmath>

#include "tests/core/result/rows.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/grid/cell_viewer.h"
#include "ui/grid/value_tree_view.h"

using namespace howdah;
using namespace howdah::test;
using namespace howdah::ui;

namespace {

constexpr std::uint32_t jsonb_oid = 3802, xml_oid = 142, int4_array_oid = 1007, polygon_oid = 604, circle_oid = 718, int4range_oid = 3904, unknown_oid = 90'001;

std::shared_ptr<const result::RowSource> value(std::uint32_t oid, const std::string &text)
{
    return std::make_shared<result::StoreRows>(storeOf({column("value", oid)}, {{text}}));
}

void picture(QWidget &widget, const QString &name)
{
    const QString folder = qEnvironmentVariable("HOWDAH_PICTURES");
    if (folder.isEmpty())
        return;
    for (const bool dark : {false, true}) {
        applyTheme(*qApp, dark ? Theme::Dark : Theme::Light);
        QTest::qWait(60);
        widget.grab().save(QStringLiteral("%1/cell-%2-%3.png").arg(folder, name, dark ? QStringLiteral("dark") : QStringLiteral("light")));
    }
    applyTheme(*qApp, Theme::Light);
}

} // namespace

class TestCellForms : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void jsonAsTree()
    {
        CellViewer viewer;
        viewer.resize(360, 400);
        viewer.show();
        const QAbstractItemModelTester tester(viewer.tree()->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        viewer.showCell(value(jsonb_oid, R"({"id": 7, "tags": ["a", "b"], "buyer": {"name": "Ä\n", "vip": true, "debt": null}})"), 0, 0);
        QVERIFY(viewer.forms()->contains(QStringLiteral("tree")) && viewer.forms()->contains(QStringLiteral("json")));
        viewer.forms()->setCurrent(QStringLiteral("tree"));
        QVERIFY(viewer.tree()->isVisible());
        const ValueTreeModel *model = viewer.tree()->model();
        QCOMPARE(model->rowCount(model->index(0, 0)), 3);
        QSignalSpy searched(viewer.tree(), &ValueTreeView::searched);
        viewer.tree()->setSearch(QStringLiteral("VIP"));
        QVERIFY(searched.wait());
        QCOMPARE(viewer.tree()->foundCount(), std::size_t{1});
        QCOMPARE(model->path(viewer.tree()->tree()->currentIndex()), QStringLiteral("$.buyer.vip"));
        picture(viewer, QStringLiteral("json"));
        // The next cell is shown in the same form.
        viewer.showCell(value(jsonb_oid, "[1,2]"), 0, 0);
        QCOMPARE(viewer.forms()->current(), QStringLiteral("tree"));
    }
    void largeJsonIsReadElsewhere()
    {
        std::string text = "[0";
        for (int i = 1; i < 300'000; ++i)
            text += "," + std::to_string(i);
        CellViewer viewer;
        viewer.show();
        viewer.showCell(value(jsonb_oid, "[1]"), 0, 0);
        viewer.forms()->setCurrent(QStringLiteral("tree"));
        QSignalSpy shown(&viewer, &CellViewer::shownForm);
        viewer.showCell(value(jsonb_oid, text + "]"), 0, 0);
        QCOMPARE(shown.count(), 0);
        QVERIFY(shown.wait());
        QCOMPARE(viewer.tree()->model()->rowCount(viewer.tree()->model()->index(0, 0)), 300'000);
    }
    void otherTrees()
    {
        CellViewer viewer;
        viewer.resize(360, 300);
        viewer.show();
        viewer.showCell(value(xml_oid, "<order id='1'><item>a</item><item>b &lt; c</item></order>"), 0, 0);
        QVERIFY(viewer.tree()->isVisible());
        picture(viewer, QStringLiteral("xml"));
        viewer.showCell(value(int4_array_oid, "{1,2,NULL}"), 0, 0);
        QVERIFY(viewer.tree()->isVisible());
        const ValueTreeModel *model = viewer.tree()->model();
        QCOMPARE(model->path(model->index(2, 0, model->index(0, 0))), QStringLiteral("[3]"));
        viewer.showCell(value(xml_oid, "<order>"), 0, 0);
        QVERIFY(!viewer.tree()->isVisible());
        QCOMPARE(viewer.text(), QStringLiteral("<order>"));
    }
    void pictures_data()
    {
        QTest::addColumn<quint32>("oid");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("caption");
        QTest::newRow("polygon") << polygon_oid << QStringLiteral("((0,0),(4,0),(5,3),(2,5),(0,3))") << QStringLiteral("5 points");
        QTest::newRow("circle") << circle_oid << QStringLiteral("<(1,1),2.5>") << QStringLiteral("circle");
        QTest::newRow("point") << quint32{600} << QStringLiteral("(3,4)") << QStringLiteral("1 point");
        QTest::newRow("line") << quint32{628} << QStringLiteral("{1,-2,0}") << QStringLiteral("line");
        QTest::newRow("range") << int4range_oid << QStringLiteral("[10,25)") << QStringLiteral("[10, 25)");
        QTest::newRow("multirange") << quint32{4451} << QStringLiteral("{[1,4),[9,12),[20,)}") << QStringLiteral("3 ranges");
        QTest::newRow("postgis") << unknown_oid << QStringLiteral("0101000020E6100000000000000000F03F0000000000000040") << QStringLiteral("SRID 4326");
        QString vector;
        for (int i = 0; i < 768; ++i)
            vector += (i > 0 ? QStringLiteral(",") : QString()) + QString::number(std::sin(i * 0.05) * std::cos(i * 0.013) / 20, 'g', 6);
        QTest::newRow("vector") << unknown_oid << QStringLiteral("[%1]").arg(vector) << QStringLiteral("768 dimensions");
        QImage image(120, 80, QImage::Format_RGB32);
        image.fill(QColor(40, 120, 200));
        QByteArray bytes;
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::WriteOnly);
        image.save(&buffer, "PNG");
        QTest::newRow("image") << bytea_oid << QStringLiteral("\\x") + QString::fromLatin1(bytes.toHex()) << QStringLiteral("120 × 80");
    }
    void pictures()
    {
        QFETCH(quint32, oid);
        QFETCH(QString, text);
        QFETCH(QString, caption);
        CellViewer viewer;
        viewer.resize(360, 280);
        viewer.show();
        viewer.showCell(value(oid, text.toStdString()), 0, 0);
        QVERIFY(viewer.picture()->isVisible());
        QVERIFY2(viewer.picture()->caption().contains(caption), qPrintable(viewer.picture()->caption()));
        // Something is drawn besides the ground.
        const QImage drawn = viewer.picture()->grab().toImage();
        int others = 0;
        for (int y = 0; y < drawn.height() - 40; y += 2) {
            for (int x = 0; x < drawn.width(); x += 2)
                others += drawn.pixelColor(x, y) != colors().panel ? 1 : 0;
        }
        QVERIFY(others > 10);
        picture(viewer, QString::fromLatin1(QTest::currentDataTag()));
        viewer.forms()->setCurrent(QStringLiteral("text"));
        QCOMPARE(viewer.text().left(20), text.left(20));
    }
    void brokenImageIsBytes()
    {
        CellViewer viewer;
        viewer.show();
        viewer.showCell(value(bytea_oid, "\\x89504e470d0a1a0a0000"), 0, 0);
        QVERIFY(!viewer.picture()->isVisible());
        QVERIFY(!viewer.text().isEmpty());
    }
};

QTEST_MAIN(TestCellForms)
#include "tst_cell_forms.moc"
