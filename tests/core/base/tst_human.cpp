// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/human.h"
#include "core/base/text_offset.h"

using namespace howdah;

class TestHuman : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void durations_data()
    {
        QTest::addColumn<double>("milliseconds");
        QTest::addColumn<QString>("text");
        const auto row = [](double ms, const char *text) { QTest::newRow(text) << ms << QString::fromUtf8(text); };
        row(0, "0 ms");
        row(0.001, "0.01 ms");
        row(0.04, "0.04 ms");
        row(0.0996, "0.1 ms");
        row(28.6, "28.6 ms");
        row(99.96, "100 ms");
        row(999.6, "1.00 s");
        row(4'210, "4.21 s");
        row(59'990, "1 min");
        row(185'000, "3 min 5 s");
        row(3'599'900, "1 h");
        row(11'400'000, "3 h 10 min");
        row(86'400'000.0 * 2, "2 d");
        row(-28.6, "−28.6 ms");
    }
    void durations()
    {
        QFETCH(double, milliseconds);
        QFETCH(QString, text);
        QCOMPARE(QString::fromStdString(human::duration(milliseconds)), text);
    }

    void sizesAndCounts()
    {
        QCOMPARE(human::bytes(0), std::string("0 bytes"));
        QCOMPARE(human::bytes(600 * 1'024), std::string("600 kB"));
        QCOMPARE(human::bytes(1'181'116'006), std::string("1.1 GB"));
        QCOMPARE(human::bytes(1'048'575), std::string("1 MB"));
        QCOMPARE(human::count(1'234'567, " "), std::string("1 234 567"));
        QCOMPARE(human::count(-123, " "), std::string("-123"));
        QCOMPARE(human::compactCount(950), std::string("950"));
        QCOMPARE(human::compactCount(12'345), std::string("12.3 k"));
        QCOMPARE(human::compactCount(4'100'000), std::string("4.1 M"));
        QCOMPARE(human::factor(1), std::string("1.0×"));
        QCOMPARE(human::factor(12.2), std::string("12×"));
    }

    void offsetsKeepBytesAndCharactersApart()
    {
        const std::string_view text = "é🙂x\nsecond";
        QCOMPARE(toBytes(text, {2}).value, std::size_t(6));
        QCOMPARE(toChars(text, {6}).value, std::size_t(2));
        QCOMPARE(toBytes(text, {1'000}).value, text.size());
        const LineColumn place = lineColumn(text, {text.find("second") + 2});
        QCOMPARE(place.line, std::size_t(2));
        QCOMPARE(place.column, std::size_t(3));
    }

    void invalidUtf8CountsBytes()
    {
        const std::string_view broken = "a\xFF\xC3"; // a lead byte with nothing behind it ends the text
        QCOMPARE(toChars(broken, {3}).value, std::size_t(3));
        QCOMPARE(toBytes(broken, {3}).value, std::size_t(3));
    }
};

QTEST_GUILESS_MAIN(TestHuman)
#include "tst_human.moc"
