// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include <QTemporaryDir>
#include <QtTest>

#include "core/workspace/known_names.h"

using namespace howdah;
using namespace howdah::workspace;

class TestKnownNames : public QObject
{
    Q_OBJECT
    QTemporaryDir home_;

    static pg::Catalog shop()
    {
        pg::Catalog catalog;
        catalog.search_path = {"pg_catalog", "public"};
        pg::CatalogSchema schema;
        schema.oid = 2200;
        schema.name = "public";
        catalog.schemas.push_back(schema);
        for (const char *name : {"orders", "line\nend and\ttab", "Größe", "sep\x1fin it"}) {
            pg::CatalogRelation relation;
            relation.oid = 16'384 + static_cast<std::uint32_t>(catalog.relations.size());
            relation.schema = "public";
            relation.name = name;
            relation.kind = 'p';
            relation.is_partition = true;
            relation.parent_oid = 4'000'000'000U;
            relation.estimated_rows = 123'456'789'012.0;
            relation.columns.push_back({});
            catalog.relations.push_back(relation);
        }
        return catalog;
    }

    [[nodiscard]] std::filesystem::path file(const std::string &database) const { return namesFile(database); }

private Q_SLOTS:
    void initTestCase() { qputenv("HOWDAH_HOME", home_.path().toUtf8()); }

    void comeBackAsTheyWere()
    {
        QVERIFY(knownNames(file("a"), "a") == nullptr);
        const auto kept = keepNames(file("a"), "a", shop());
        QVERIFY2(kept, kept ? "" : kept.error().text().c_str());
        const auto names = knownNames(file("a"), "a");
        QVERIFY(names != nullptr);
        QVERIFY(names->names_only);
        QCOMPARE(names->schemas.size(), 1U);
        QVERIFY(names->search_path == shop().search_path);
        QCOMPARE(names->relations.size(), 3U); // not the one whose name holds a separator
        const pg::CatalogRelation *odd = names->find("public", "line\nend and\ttab");
        QVERIFY(odd != nullptr);
        QCOMPARE(odd->oid, 16'385U);
        QCOMPARE(odd->kind, 'p');
        QVERIFY(odd->is_partition);
        QCOMPARE(odd->parent_oid, 4'000'000'000U);
        QCOMPARE(odd->estimated_rows, 123'456'789'012.0);
        QVERIFY(odd->columns.empty());
    }

    void areOnlyReadForTheirDatabase()
    {
        QVERIFY(keepNames(file("a"), "a", shop()));
        QVERIFY(knownNames(file("a"), "b") == nullptr);
        QVERIFY(file("a") != file("b"));
    }

    void damagedFilesAreNotRead()
    {
        QVERIFY(keepNames(file("a"), "a", shop()));
        std::ifstream in(file("a"), std::ios::binary);
        const std::string whole((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        in.close();
        // Cut off anywhere, it gives nothing, or, cut behind a record, the records before.
        for (std::size_t size = 0; size < whole.size(); ++size) {
            std::ofstream(file("a"), std::ios::binary | std::ios::trunc) << whole.substr(0, size);
            const auto names = knownNames(file("a"), "a");
            QVERIFY(names == nullptr || whole[size - 1] == '\x1e');
        }
        for (std::size_t at = 0; at < whole.size(); ++at) {
            std::string bad = whole;
            bad[at] = static_cast<char>(bad[at] ^ 0x15);
            std::ofstream(file("a"), std::ios::binary | std::ios::trunc) << bad;
            static_cast<void>(knownNames(file("a"), "a")); // must not crash
        }
    }

    void whatCannotBeWrittenIsSaid()
    {
        const auto kept = keepNames("/proc/none/names", "a", shop());
        QVERIFY(!kept);
        QCOMPARE(kept.error().kind, ErrorKind::Io);
        QVERIFY(kept.error().detail.find("/proc/none/names") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestKnownNames)
#include "tst_known_names.moc"
