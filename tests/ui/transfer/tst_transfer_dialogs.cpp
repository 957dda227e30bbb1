// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLineEdit>
#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>

#include "core/pg/catalog.h"
#include "core/pg/session.h"
#include "support/test_server.h"
#include "ui/base/banner.h"
#include "ui/base/palette.h"
#include "ui/transfer/export_dialog.h"
#include "ui/transfer/import_dialog.h"

using namespace howdah;
using namespace howdah::ui;

class TransferDialogsTest : public QObject
{
    Q_OBJECT

    std::shared_ptr<pg::Session> session_;
    std::unique_ptr<pg::Connection> connection_;
    QTemporaryDir folder_;

    QString path(const char *name) const { return folder_.filePath(QLatin1String(name)); }
    void write(const char *name, const QByteArray &text) const
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }
    QByteArray read(const char *name) const
    {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    std::string value(const std::string &sql)
    {
        const auto outcome = connection_->query(sql);
        return outcome ? std::string(outcome->result->cell(0, 0).text) : outcome.error().text();
    }
    std::shared_ptr<const pg::Catalog> catalog() { return *pg::readCatalog(*connection_); }

    /// A picture of it for whoever wants to look, in both themes.
    static void show(QWidget &widget, const char *name)
    {
        const QString folder = qEnvironmentVariable("HOWDAH_TEST_PICTURES");
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        if (folder.isEmpty())
            return;
        for (const Theme theme : {Theme::Dark, Theme::Light}) {
            applyTheme(*qApp, theme);
            QTest::qWait(50);
            widget.grab().save(folder + QLatin1Char('/') + QLatin1String(name) + (theme == Theme::Dark ? QStringLiteral("-dark.png") : QStringLiteral("-light.png")));
        }
    }

private Q_SLOTS:
    void init()
    {
        applyTheme(*qApp, Theme::Light);
        pg::ConnectionSpec spec;
        spec.conninfo = test::freshDatabase();
        session_ = std::make_shared<pg::Session>(spec);
        connection_ = std::move(*pg::Connection::open(spec));
    }

    void cleanup()
    {
        session_.reset();
        connection_.reset();
    }

    void exportsAStatement()
    {
        ExportSubject subject;
        subject.title = QStringLiteral("numbers");
        subject.statement = QStringLiteral("select g as n from generate_series(1, 3) g");
        ExportDialog dialog(subject, session_);
        QSignalSpy ended(&dialog, &ExportDialog::ended);
        dialog.setFile(path("n.csv"));
        show(dialog, "export");
        dialog.start();
        QVERIFY(ended.wait());
        QVERIFY(ended.front().front().toBool());
        QCOMPARE(read("n.csv"), QByteArray("n\n1\n2\n3\n"));
        QVERIFY(dialog.findChild<Banner *>()->sentence().contains(QStringLiteral("3 rows")));
    }

    void aFailedExportSaysWhy()
    {
        ExportSubject subject;
        subject.title = QStringLiteral("nothing");
        subject.statement = QStringLiteral("select nope");
        ExportDialog dialog(subject, session_);
        QSignalSpy ended(&dialog, &ExportDialog::ended);
        dialog.setFile(path("f.csv"));
        show(dialog, "export-failed");
        dialog.start();
        QVERIFY(ended.wait());
        QVERIFY(!ended.front().front().toBool());
        QVERIFY(!QFile::exists(path("f.csv")));
        QVERIFY(dialog.findChild<Banner *>()->sentence().contains(QStringLiteral("no file")));
        QVERIFY(!dialog.isRunning());
    }

    void aFullDiskIsSaidAndTheSessionGoesOn()
    {
        ExportSubject subject;
        subject.title = QStringLiteral("much");
        subject.statement = QStringLiteral("select repeat('x', 1000) from generate_series(1, 10000)");
        ExportDialog dialog(subject, session_);
        QSignalSpy ended(&dialog, &ExportDialog::ended);
        dialog.setFile(QStringLiteral("/dev/full"));
        show(dialog, "export-disk-full");
        dialog.start();
        QVERIFY(ended.wait());
        QVERIFY(!ended.front().front().toBool());
        QString said;
        for (const QLabel *label : dialog.findChild<Banner *>()->findChildren<QLabel *>())
            said += label->text();
        QVERIFY2(said.contains(QStringLiteral("No space left")), qPrintable(said));
        dialog.setFile(path("after.csv"));
        dialog.start();
        QVERIFY(ended.wait());
        QVERIFY(ended.back().front().toBool());
        QCOMPARE(read("after.csv").count('\n'), 10'001);
    }

    void anExportIsCancelled()
    {
        ExportSubject subject;
        subject.title = QStringLiteral("much");
        subject.statement = QStringLiteral("select g, repeat('x', 100) from generate_series(1, 1000000000) g");
        ExportDialog dialog(subject, session_);
        QSignalSpy ended(&dialog, &ExportDialog::ended);
        dialog.setFile(path("m.csv"));
        dialog.show();
        dialog.start();
        QTest::qWait(300);
        dialog.reject(); // the first Esc cancels, it does not close
        QVERIFY(ended.wait());
        QVERIFY(dialog.isVisible());
        QVERIFY(!QFile::exists(path("m.csv")) && !QFile::exists(path("m.csv.part")));
    }

    void importsANewTable()
    {
        write("people.csv", "id;full name;born\n1;Ann;2000-01-31\n2;Bob;\n");
        ImportDialog dialog(session_, catalog(), {});
        QSignalSpy previewed(&dialog, &ImportDialog::previewed);
        QSignalSpy ended(&dialog, &ImportDialog::ended);
        dialog.setFile(path("people.csv"));
        QVERIFY(previewed.wait());
        show(dialog, "import");
        QCOMPARE(dialog.plan().table, std::string("people"));
        QVERIFY(dialog.plan().create);
        QCOMPARE(dialog.plan().columns.size(), std::size_t{3});
        QCOMPARE(dialog.plan().columns[2].type, std::string("date"));
        QVERIFY(dialog.findChild<QPlainTextEdit *>()->toPlainText().contains(QStringLiteral("CREATE TABLE people (\n    id integer,")));
        dialog.start();
        QVERIFY(ended.wait());
        QCOMPARE(value("select string_agg(full_name || coalesce(born::text, '-'), ' ' order by id) from people"), std::string("Ann2000-01-31 Bob-"));
    }

    void importsOnProductionAskForTheName()
    {
        write("asked.csv", "id\n1\n2\n");
        ImportDialog dialog(session_, catalog(), QStringLiteral("public.asked"));
        dialog.setConfirmName(QStringLiteral("shop"));
        QSignalSpy previewed(&dialog, &ImportDialog::previewed);
        QSignalSpy ended(&dialog, &ImportDialog::ended);
        dialog.setFile(path("asked.csv"));
        QVERIFY(previewed.wait());
        show(dialog, "import-production");
        QPushButton *start = nullptr;
        for (QPushButton *button : dialog.findChildren<QPushButton *>())
            start = button->isDefault() ? button : start;
        QVERIFY(start != nullptr && !start->isEnabled());
        dialog.start(); // by another way
        QVERIFY(!dialog.isRunning());
        QLineEdit *name = nullptr;
        for (QLineEdit *field : dialog.findChildren<QLineEdit *>())
            name = field->placeholderText() == QStringLiteral("shop") ? field : name;
        QVERIFY(name != nullptr);
        QTest::keyClicks(name, QStringLiteral("sho"));
        QVERIFY(!start->isEnabled());
        QTest::keyClicks(name, QStringLiteral("p"));
        QVERIFY(start->isEnabled());
        start->click();
        QVERIFY(ended.wait());
        QCOMPARE(value("select count(*) from asked"), std::string("2"));
    }

    void importsIntoATableThatIsThere()
    {
        QCOMPARE(value("create table t (id int, note text); select 'made'"), std::string("made"));
        write("t.csv", "NOTE,extra,id\na,1,1\nb,2,x\nc,3,3\n");
        ImportDialog dialog(session_, catalog(), QStringLiteral("public.t"));
        QSignalSpy previewed(&dialog, &ImportDialog::previewed);
        QSignalSpy ended(&dialog, &ImportDialog::ended);
        dialog.setFile(path("t.csv"));
        QVERIFY(previewed.wait());
        const transfer::ImportPlan plan = dialog.plan();
        QVERIFY(!plan.create);
        QCOMPARE(plan.columns[0].name, std::string("note"));
        QCOMPARE(plan.columns[1].name, std::string()); // nothing of that name: left out
        QCOMPARE(plan.columns[2].name, std::string("id"));
        dialog.start();
        QVERIFY(ended.wait());
        QVERIFY(!ended.takeFirst().front().toBool()); // the bad row
        QCOMPARE(value("select count(*) from t"), std::string("0"));
        for (QAbstractButton *box : dialog.findChildren<QAbstractButton *>()) {
            if (box->text().startsWith(QStringLiteral("Leave rows out")))
                box->setChecked(true);
        }
        dialog.start();
        QVERIFY(ended.wait());
        show(dialog, "import-bad-rows");
        QCOMPARE(value("select string_agg(note, '') from t"), std::string("ac"));
        QVERIFY(dialog.findChild<QPlainTextEdit *>()->toPlainText().contains(QStringLiteral("Line 3:")));
    }
};

QTEST_MAIN(TransferDialogsTest)
#include "tst_transfer_dialogs.moc"
