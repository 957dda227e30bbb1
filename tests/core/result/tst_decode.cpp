// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <random>

#include "core/result/decode/shapes.h"
#include "core/result/decode/value_tree.h"

using namespace howdah::result::decode;

class TestDecode : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void json()
    {
        const std::string text = "{\"a\": [1, -2.5e3, {\"b c\": \"x\\\"yä😀\"}], \"a\": null, \"n\": {}}";
        const auto tree = readJson(text);
        QVERIFY(tree.has_value());
        QCOMPARE(tree->nodes[0].children, 3U); // names that repeat stay
        QCOMPARE(tree->childrenOf(0).size(), std::size_t{3});
        const auto list = tree->childrenOf(1);
        QCOMPARE(list.size(), std::size_t{3});
        QCOMPARE(tree->nodes[list[1]].value, "-2.5e3");
        const auto leaf = tree->childrenOf(list[2])[0];
        QCOMPARE(pathOf(*tree, leaf), "$.a[2].\"b c\"");
        QCOMPARE(unescapeJson(tree->nodes[leaf].value), "x\"yä😀");
        QCOMPARE(unescapeJson("\\u00e4\\ud83d\\ude00\\n\\ud800"), "ä😀\n\xEF\xBF\xBD");
    }
    void whatIsNoJson()
    {
        for (const char *text : {"", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "[1 2]", "[1]x", "\"open", "{1:2}", "[,1]", "nul", "[01]", "]", "\"a\\"})
            QVERIFY2(!readJson(text), text);
        QVERIFY(readJson(" 5 ") && readJson("[]") && readJson("[[]]"));
        QVERIFY(!readJson(std::string(1'000'000, '[')));
        QVERIFY(!readJson(std::string(1'000'000, '{')));
        TreeBounds few;
        few.nodes = 3;
        const auto cut = readJson("[1,[2,3,[4]],5]", few);
        QVERIFY(cut && !cut->complete && cut->nodes.size() == 3);
    }
    void xml()
    {
        const std::string text = "<?xml version='1.0'?><!DOCTYPE o><order id=\"7\"><item>a &amp; b</item><item n='2'/><!-- c --><![CDATA[<raw>]]></order>";
        const auto tree = readXml(text);
        QVERIFY(tree.has_value());
        const auto parts = tree->childrenOf(0);
        QCOMPARE(parts.size(), std::size_t{5});
        QCOMPARE(pathOf(*tree, parts[0]), "/order/@id");
        QCOMPARE(pathOf(*tree, parts[2]), "/order/item[2]");
        QCOMPARE(unescapeXml(tree->nodes[tree->childrenOf(parts[1])[0]].value), "a & b");
        QCOMPARE(tree->nodes[parts[4]].value, "<raw>");
        for (const char *bad : {"<a>", "<a></b>", "<a", "<a b></a>", "<a b='x></a>", "text", "</a>", "<a/><b/>", "<!-- "})
            QVERIFY2(!readXml(bad), bad);
        std::string deep;
        for (int i = 0; i < 100'000; ++i)
            deep += "<a>";
        QVERIFY(!readXml(deep));
    }
    void arrays()
    {
        const auto tree = readArray("[0:1][1:2]={{1,NULL},{\"NULL\",\"a \\\"b\\\" {}\"}}");
        QVERIFY(tree.has_value());
        const auto second = tree->childrenOf(tree->childrenOf(0)[1]);
        QCOMPARE(tree->nodes[tree->childrenOf(tree->childrenOf(0)[0])[1]].kind, TreeNode::Kind::Word);
        QCOMPARE(tree->nodes[second[0]].kind, TreeNode::Kind::Text);
        QCOMPARE(unescapeArray(tree->nodes[second[1]].value), "a \"b\" {}");
        QVERIFY(readArray("{}").has_value());
        for (const char *bad : {"", "{", "{1", "{1,,2}", "1,2", "{1}}", "{\"a}", "{\"a\\"})
            QVERIFY2(!readArray(bad), bad);
    }
    void geometry()
    {
        QCOMPARE(readGeometry("(1,2)", "point")->figures[0].rings[0][0].y, 2.0);
        QCOMPARE(readGeometry("<(1,2),3>", "circle")->figures[0].radius, 3.0);
        QCOMPARE(readGeometry("(3,4),(1,2)", "box")->figures[0].rings[0].size(), std::size_t{4});
        QCOMPARE(readGeometry("((0,0),(1,1),(2,0))", "path")->figures[0].rings[0].size(), std::size_t{4}); // closed
        QCOMPARE(readGeometry("[(0,0),(1,1),(2,0)]", "path")->figures[0].rings[0].size(), std::size_t{3});
        QVERIFY(readGeometry("{1,-1,0}", "line").has_value());
        for (const auto &[text, type] : {std::pair("(1,2", "circle"), std::pair("", "point"), std::pair("(1,x)", "point"), std::pair("{0,0,1}", "line"), std::pair("(1,Infinity)", "point")})
            QVERIFY2(!readGeometry(text, type), text);
    }
    void postgis()
    {
        // SELECT 'SRID=4326;POINT(1 2)'::geometry
        const auto point = readEwkb("0101000020E6100000000000000000F03F0000000000000040");
        QVERIFY(point.has_value());
        QCOMPARE(point->srid, std::optional<std::uint32_t>(4326));
        QCOMPARE(point->figures[0].rings[0][0].x, 1.0);
        // POINT(1 2), big endian
        QCOMPARE(readEwkb("00000000013FF00000000000004000000000000000")->figures[0].rings[0][0].y, 2.0);
        // LINESTRING of 2^32-1 points that are not there
        QVERIFY(!readEwkb("0102000000FFFFFFFF000000000000F03F"));
        QVERIFY(!readEwkb("0101000020E6100000000000000000F03F00000000000000"));
        std::string nested;
        for (int i = 0; i < 1'000; ++i)
            nested += "010700000001000000";
        QVERIFY(!readEwkb(nested));
    }
    void vectorsAndRanges()
    {
        QCOMPARE(normOf(*readVector("[3,-4]")), 5.0);
        for (const char *bad : {"[]", "[1,a]", "1,2", "[1,(2)]"})
            QVERIFY2(!readVector(bad) || readVector(bad)->empty(), bad);
        const auto range = readRanges("[1,5)");
        QVERIFY(range && range->size() == 1 && (*range)[0].lower.inclusive && !(*range)[0].upper.inclusive);
        QCOMPARE((*range)[0].upper.place, std::optional(5.0));
        const auto times = readRanges("[\"2024-01-01 00:00:00\",)");
        QVERIFY(times && (*times)[0].lower.place && (*times)[0].upper.text.empty());
        QCOMPARE(readRanges("{[1,2),[5,9],(11,)}")->size(), std::size_t{3});
        QVERIFY((*readRanges("empty"))[0].empty);
        QVERIFY(readRanges("{}")->empty());
        for (const char *bad : {"", "[1", "[1,2", "{[1,2)", "[1,2)x", "[\"a\\"})
            QVERIFY2(!readRanges(bad), bad);
        QCOMPARE(imageFormat("\x89PNG\r\n\x1a\n...."), "PNG");
        QVERIFY(imageFormat("plain").empty());
    }
    void anythingIsReadWithoutACrash()
    {
        std::mt19937 random(11);
        const std::string letters = "{}[]()<>,:;\"'\\/=!-& 0159eE.axNULtrue?";
        for (int round = 0; round < 20'000; ++round) {
            std::string text;
            for (std::size_t i = random() % 24; i-- > 0;)
                text += letters[random() % letters.size()];
            static_cast<void>(readJson(text));
            static_cast<void>(readXml(text));
            static_cast<void>(readArray(text));
            static_cast<void>(readRanges(text));
            static_cast<void>(readVector(text));
            static_cast<void>(readEwkb("01" + text));
            static_cast<void>(readGeometry(text, "polygon"));
            static_cast<void>(unescapeJson(text));
            static_cast<void>(unescapeXml(text));
        }
    }
};

QTEST_GUILESS_MAIN(TestDecode)
#include "tst_decode.moc"
