// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QVBoxLayout>

#include "core/pg/catalog.h"
#include "ui/base/palette.h"
#include "ui/editor/editor_theme.h"
#include "ui/editor/lint_marks.h"
#include "ui/editor/lint_tip.h"
#include "ui/editor/sql_editor.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

struct Shown {
    QWidget window;
    SqlEditor *editor = new SqlEditor;
    LintMarks *marks = new LintMarks(*editor);
    explicit Shown(std::string_view text = {})
    {
        auto *layout = new QVBoxLayout(&window);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(editor);
        window.resize(820, 420);
        window.show();
        editor->setContent(text, true);
        (void)window.grab();
    }
    [[nodiscard]] long indicator(int number, int at) const { return sci::send(editor, QsciScintillaBase::SCI_INDICATORVALUEAT, number, at); }
    bool wait() { return QSignalSpy(marks, &LintMarks::changed).wait(5000); }
    [[nodiscard]] QStringList rules() const
    {
        QStringList all;
        for (const migration::LintFinding &finding : marks->findings())
            all << QString::fromLatin1(finding.rule->name);
        return all;
    }
};

const char script[] = "SELECT 1;\nSET lock_timeout = '2s';\nCREATE INDEX i ON t (a);\nALTER TABLE t ADD COLUMN n text,\n  ALTER COLUMN b SET NOT NULL;\n";

} // namespace

class TestLintMarks : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void marksWhatIsDangerous()
    {
        Shown s(script);
        QVERIFY(s.wait());
        QCOMPARE(s.rules(), (QStringList{QStringLiteral("create-index-blocking"), QStringLiteral("set-not-null-scan")}));
        const int index = static_cast<int>(std::string_view(script).find("CREATE")), column = static_cast<int>(std::string_view(script).find("ALTER COLUMN"));
        QVERIFY(s.indicator(editor_indicator::lint_serious, index) != 0);
        QVERIFY(s.indicator(editor_indicator::lint_serious, column) != 0);
        QCOMPARE(s.indicator(editor_indicator::lint_serious, column - 20), 0L); // the sub-command before it
        QCOMPARE(s.indicator(editor_indicator::lint_warning, index), 0L);
        // an edit moves the marks, and the next answer takes them away
        s.editor->setContent("CREATE INDEX CONCURRENTLY i ON t (a);", false);
        QVERIFY(s.wait());
        QVERIFY(s.marks->findings().empty());
        QCOMPARE(s.indicator(editor_indicator::lint_serious, 3), 0L);
    }

    void leavesQueriesAlone()
    {
        QVERIFY(!holdsDdl("SELECT 'DROP TABLE t'; UPDATE t SET a = 1; -- ALTER TABLE t"));
        QVERIFY(holdsDdl("SELECT 1;\n/* x */ alter table t add x int"));
        Shown s("UPDATE t SET a = 1; SELECT 1");
        QTest::qWait(900);
        QVERIFY(s.marks->findings().empty());
        // half-typed statements are no findings
        s.editor->setContent("CREATE INDX", false);
        QTest::qWait(900);
        QVERIFY(s.marks->findings().empty());
    }

    void canBeSwitchedOff()
    {
        Shown s(script);
        QVERIFY(s.wait());
        s.marks->setEnabled(false);
        QVERIFY(s.marks->findings().empty());
        s.editor->setContent("CREATE INDEX i ON t (b);", false);
        QTest::qWait(900);
        QVERIFY(s.marks->findings().empty());
        s.marks->setEnabled(true);
        QVERIFY(s.wait());
        QCOMPARE(s.rules().size(), 2); // and no lock_timeout now
    }

    void usesTheCatalogInMemory()
    {
        const auto catalog = std::make_shared<pg::Catalog>();
        catalog->schemas.push_back({2200, "public", "owner", false});
        catalog->search_path = {"public"};
        pg::CatalogRelation table;
        table.oid = 20'000;
        table.schema = "public";
        table.name = "t";
        pg::CatalogColumn column;
        column.name = "v";
        column.type = "character varying(20)";
        column.attnum = 1;
        table.columns.push_back(column);
        catalog->relations.push_back(table);
        catalog->buildLookups();
        Shown s("SET lock_timeout = '1s'; ALTER TABLE t ALTER COLUMN v TYPE varchar(30);");
        QVERIFY(s.wait());
        QCOMPARE(s.rules(), QStringList{QStringLiteral("column-type-rewrite")}); // it may be
        LintKnowledge known;
        known.catalog = catalog;
        s.marks->setKnowledge(known);
        QVERIFY(s.wait());
        QVERIFY(s.marks->findings().empty()); // it is not
    }

    void showsTheCard()
    {
        Shown s(script);
        QVERIFY(s.wait());
        QVERIFY(s.marks->goToNext());
        QVERIFY(s.marks->tip() != nullptr && s.marks->tip()->isVisible());
        const QString text = s.marks->tip()->text();
        QVERIFY2(text.contains(QStringLiteral("CREATE INDEX reads t")), qPrintable(text));
        QVERIFY(text.contains(QStringLiteral("SHARE")) && text.contains(QStringLiteral("blocks writes")));
        QVERIFY(text.contains(QStringLiteral("CREATE INDEX CONCURRENTLY i ON t (a);")));
        const auto buttons = s.marks->tip()->findChildren<QPushButton *>();
        QCOMPARE(buttons.size(), 2);
        buttons[0]->click();
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("CREATE INDEX CONCURRENTLY i ON t (a);"));
        QTest::keyClick(s.editor, Qt::Key_Escape);
        QVERIFY(!s.marks->tip()->isVisible());
        // the second, and around to the first
        QVERIFY(s.marks->goToNext());
        QVERIFY(s.marks->tip()->text().contains(QStringLiteral("ACCESS EXCLUSIVE")));
        QVERIFY(s.marks->goToNext());
        QVERIFY(s.marks->tip()->text().contains(QStringLiteral("CREATE INDEX reads t")));
        s.marks->showAt(2); // nothing there
        QVERIFY(!s.marks->tip()->isVisible());
    }

    void suppressesWithAComment()
    {
        Shown s(script);
        QVERIFY(s.wait());
        QVERIFY(s.marks->goToNext());
        s.marks->tip()->findChildren<QPushButton *>()[1]->click();
        QVERIFY(s.editor->utf8().find("-- howdah:ignore create-index-blocking: \nCREATE INDEX") != std::string::npos);
        QTest::keyClicks(s.editor, QStringLiteral("small table"));
        QVERIFY(s.wait());
        QCOMPARE(s.rules(), QStringList{QStringLiteral("set-not-null-scan")});
    }

    /// To look at: HOWDAH_TEST_PICTURES names a folder.
    void pictures()
    {
        const QString folder = qEnvironmentVariable("HOWDAH_TEST_PICTURES");
        if (folder.isEmpty())
            QSKIP("no folder for pictures");
        for (const Theme theme : {Theme::Light, Theme::Dark}) {
            applyTheme(*qApp, theme);
            Shown s("ALTER TABLE orders ADD COLUMN placed_by bigint REFERENCES customers (id),\n    ALTER COLUMN note SET NOT NULL;\n\nCREATE INDEX orders_note ON orders (note);\n\nALTER TABLE orders RENAME COLUMN total TO amount;\n");
            QVERIFY(s.wait());
            const QString name = theme == Theme::Dark ? QStringLiteral("dark") : QStringLiteral("light");
            (void)s.marks->goToNext();
            QTest::qWait(50);
            s.window.grab().save(folder + QStringLiteral("/lint-1-%1.png").arg(name));
            s.marks->showAt(s.editor->utf8().find("ALTER COLUMN"));
            QTest::qWait(50);
            s.window.grab().save(folder + QStringLiteral("/lint-2-%1.png").arg(name));
            s.marks->tip()->hide();
            s.window.grab().save(folder + QStringLiteral("/lint-3-%1.png").arg(name));
        }
    }
};

QTEST_MAIN(TestLintMarks)
#include "tst_lint_marks.moc"
