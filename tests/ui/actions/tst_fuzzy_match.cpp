// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/actions/fuzzy_match.h"

#include <QTest>

using namespace howdah::ui;

namespace {

std::vector<int> places(const char *typed, const char *head, const char *tail = "")
{
    return FuzzyPattern(QString::fromUtf8(typed)).positions(FuzzyText(QString::fromUtf8(head), QString::fromUtf8(tail)));
}

std::optional<int> score(const char *typed, const char *head, const char *tail = "")
{
    return FuzzyPattern(QString::fromUtf8(typed)).score(FuzzyText(QString::fromUtf8(head), QString::fromUtf8(tail)));
}

using Places = std::vector<int>;

} // namespace

class FuzzyMatchTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void matchesSubsequences_data();
    void matchesSubsequences();
    void findsTheBestPlaces();
    void ranks_data();
    void ranks();
    void tailCountsLess();
    void termsInAnyOrder();
    void narrowing();
    void timeIsLinear();
};

void FuzzyMatchTest::matchesSubsequences_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("matches");
    QTest::newRow("letters in order") << "exan" << "Explain analyze" << true;
    QTest::newRow("letters out of order") << "nae" << "Explain" << false;
    QTest::newRow("case does not matter") << "EXPLAIN" << "explain" << true;
    QTest::newRow("a letter too many") << "explainn" << "Explain" << false;
    QTest::newRow("a letter twice") << "oo" << "orders" << false;
    QTest::newRow("nothing typed") << "" << "Explain" << true;
    QTest::newRow("only blanks") << "  " << "Explain" << true;
    QTest::newRow("no text") << "a" << "" << false;
    QTest::newRow("umlauts") << "überÄ" << "Übersicht der änderungen" << true;
    QTest::newRow("same bit, other letter") << QString(QChar(0x4e00)) << QString(QChar(0x4e00 + 28)) << false;
    QTest::newRow("outside the BMP") << QStringLiteral("🐘") << QStringLiteral("the 🐘 walks") << true;
}

void FuzzyMatchTest::matchesSubsequences()
{
    QFETCH(QString, typed);
    QFETCH(QString, text);
    QFETCH(bool, matches);
    QCOMPARE(FuzzyPattern(typed).score(FuzzyText(text)).has_value(), matches);
}

void FuzzyMatchTest::findsTheBestPlaces()
{
    QCOMPARE(places("ea", "Explain Analyze"), (Places{0, 8}));
    QCOMPARE(places("uid", "orders_user_id"), (Places{7, 12, 13}));
    QCOMPARE(places("run", "Rename and run"), (Places{11, 12, 13}));
    QCOMPARE(places("oid", "orderOfItemDetails"), (Places{0, 7, 11}));
    QCOMPARE(places("items", "order_items"), (Places{6, 7, 8, 9, 10}));
    QCOMPARE(places("log", "catalog logs"), (Places{8, 9, 10}));
}

void FuzzyMatchTest::ranks_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("better");
    QTest::addColumn<QString>("worse");
    QTest::newRow("whole before prefix") << "orders" << "orders" << "orders_2024";
    QTest::newRow("prefix before middle") << "ord" << "orders" << "reorder";
    QTest::newRow("word start before middle") << "items" << "order_items" << "orderitems";
    QTest::newRow("in a row before spread") << "plan" << "Show plan" << "people and lanes";
    QTest::newRow("initials before scattered") << "ea" << "Explain analyze" << "release a";
    QTest::newRow("shorter before longer") << "user" << "users" << "users_and_their_addresses";
    QTest::newRow("same case first") << "Run" << "Run all" << "run all";
}

void FuzzyMatchTest::ranks()
{
    QFETCH(QString, typed);
    QFETCH(QString, better);
    QFETCH(QString, worse);
    const FuzzyPattern pattern(typed);
    const auto high = pattern.score(FuzzyText(better));
    const auto low = pattern.score(FuzzyText(worse));
    QVERIFY(high && low);
    QVERIFY2(*high > *low, qPrintable(QStringLiteral("%1 against %2").arg(*high).arg(*low)));
}

void FuzzyMatchTest::tailCountsLess()
{
    QVERIFY(score("public", "orders", "public").has_value());
    QVERIFY(*score("public", "public", "orders") > *score("public", "orders", "public"));
    QCOMPARE(places("pub", "orders", "public"), (Places{7, 8, 9}));
    QCOMPARE(FuzzyText(QStringLiteral("orders"), QStringLiteral("public")).headSize(), 6);
}

void FuzzyMatchTest::termsInAnyOrder()
{
    QVERIFY(score("public orders", "orders", "public").has_value());
    QVERIFY(score("analyze explain", "Explain analyze").has_value());
    QVERIFY(!score("explain nowhere", "Explain analyze").has_value());
    QCOMPARE(places("an ex", "Explain analyze"), (Places{0, 1, 8, 9}));
}

void FuzzyMatchTest::narrowing()
{
    const auto narrows = [](const char *later, const char *earlier) {
        return FuzzyPattern(QString::fromLatin1(later)).narrows(FuzzyPattern(QString::fromLatin1(earlier)));
    };
    QVERIFY(narrows("ord", "or"));
    QVERIFY(narrows("Or", "o"));
    QVERIFY(narrows("or us", "or"));
    QVERIFY(narrows("o", ""));
    QVERIFY(!narrows("o", "or"));
    QVERIFY(!narrows("od", "or"));
    QVERIFY(!narrows("or", "or us"));
}

/// A text of a million letters that invites a careless search to start anew at each of them.
void FuzzyMatchTest::timeIsLinear()
{
    const FuzzyText text(QString(1'000'000, QLatin1Char('a')) + QLatin1Char('b'));
    const FuzzyPattern pattern(QString(40, QLatin1Char('a')) + QLatin1Char('b'));
    QElapsedTimer timer;
    timer.start();
    QVERIFY(pattern.score(text).has_value());
    qInfo("a million letters: %lld ms", static_cast<long long>(timer.elapsed()));
    QVERIFY(timer.elapsed() < 1500);
}

QTEST_GUILESS_MAIN(FuzzyMatchTest)
#include "tst_fuzzy_match.moc"
