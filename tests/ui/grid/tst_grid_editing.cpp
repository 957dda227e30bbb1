// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include "core/pg/connection.h"
#include "support/show.h"
#include "support/test_server.h"
#include "ui/base/palette.h"
#include "ui/grid/cell_viewer.h"
#include "ui/grid/grid_editing.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_view.h"
#include "ui/grid/result_grid.h"

using namespace howdah;
using namespace howdah::ui;

/// Rows of a real table, changed by keyboard and applied to the server they came from.
class GridEditingTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<pg::Connection> connection_;
    std::unique_ptr<ResultGrid> grid_;

    std::string value(const std::string &sql)
    {
        const auto outcome = connection_->query(sql);
        return outcome ? std::string(outcome->result->cell(0, 0).text) : outcome.error().text();
    }
    void open(const std::string &sql)
    {
        auto outcome = connection_->query(sql);
        QVERIFY(outcome.has_value());
        grid_ = std::make_unique<ResultGrid>();
        grid_->resize(700, 400);
        grid_->setStore(outcome->result);
        grid_->finish(*outcome);
        grid_->show();
        QVERIFY(QTest::qWaitForWindowExposed(grid_.get()));
        auto table = edit::editableTable(*connection_, outcome->result->columns());
        QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
        grid_->beginEditing(*table);
    }
    [[nodiscard]] QModelIndex at(int row, int column) const { return grid_->model()->index(row, column); }
    void type(int row, int column, const QString &text)
    {
        grid_->view()->setCurrentIndex(at(row, column));
        QTest::keyClick(grid_->view(), Qt::Key_F2);
        auto *field = grid_->view()->findChild<QLineEdit *>();
        QVERIFY(field != nullptr);
        field->selectAll();
        QTest::keyClicks(field, text);
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_VERIFY(grid_->view()->findChild<QLineEdit *>() == nullptr); // the view takes the value later
    }
    migration::ChangeOutcome apply()
    {
        migration::ChangeOptions options;
        options.single_transaction = true;
        return runChangeScript(*connection_, grid_->editing()->script(), options);
    }

private Q_SLOTS:
    void init()
    {
        applyTheme(*qApp, Theme::Light);
        connection_ = test::freshConnection();
        const pg::RunOutcome made = connection_->run("create table t (id int primary key, name text, twice int generated always as (id * 2) stored);"
                                                     "insert into t (id, name) values (1, 'one'), (2, null), (3, 'three')");
        QVERIFY(!made.error);
        open("select id, name, twice, upper(name) as loud from t order by id");
    }

    void cleanup() { grid_.reset(); }

    void valuesAreTypedAndApplied()
    {
        QSignalSpy apply_requested(grid_.get(), &ResultGrid::applyRequested);
        type(0, 1, QStringLiteral("it's"));
        QCOMPARE(at(0, 1).data().toString(), QStringLiteral("it's"));
        QVERIFY(!grid_->viewer()->isVisible()); // Return was the editor's
        QVERIFY(grid_->model()->isChanged(at(0, 1)));
        grid_->view()->setCurrentIndex(at(2, 1));
        QTest::keyClick(grid_->view(), Qt::Key_0, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(grid_->model()->cell(at(2, 1)).is_null);
        QCOMPARE(grid_->editing()->changes().count(), std::size_t{2});
        QCOMPARE(value("select string_agg(coalesce(name, '-'), ',' order by id) from t"), std::string("one,-,three")); // nothing is sent yet
        for (QPushButton *button : grid_->editing()->findChildren<QPushButton *>()) {
            if (button->text().startsWith(QStringLiteral("Review")))
                button->click();
        }
        QCOMPARE(apply_requested.size(), 1);
        QVERIFY(grid_->editing()->script().all_or_nothing);
        QVERIFY(apply().done());
        QCOMPARE(value("select string_agg(coalesce(name, '-'), ',' order by id) from t"), std::string("it's,-,-"));
    }

    void onlyColumnsOfTheTableCanBeChanged()
    {
        QVERIFY(at(0, 0).flags().testFlag(Qt::ItemIsEditable));
        QVERIFY(!at(0, 2).flags().testFlag(Qt::ItemIsEditable)); // generated
        QVERIFY(!at(0, 3).flags().testFlag(Qt::ItemIsEditable)); // an expression
        grid_->endEditing();
        QVERIFY(!at(0, 0).flags().testFlag(Qt::ItemIsEditable));
    }

    void rowsAreMarkedAddedAndTakenBack()
    {
        grid_->view()->setCurrentIndex(at(1, 0));
        QTest::keyClick(grid_->view(), Qt::Key_Delete);
        QVERIFY(grid_->model()->isDeleted(at(1, 1)));
        QVERIFY(!at(1, 1).flags().testFlag(Qt::ItemIsEditable));
        QTest::keyClick(grid_->view(), Qt::Key_Delete);
        QVERIFY(!grid_->model()->isDeleted(at(1, 1)));
        QTest::keyClick(grid_->view(), Qt::Key_Delete);
        grid_->editing()->addRow({{0, "9"}, {1, "nine"}});
        QCOMPARE(grid_->editing()->changes().count(), std::size_t{2});
        if (const QString folder = qEnvironmentVariable("HOWDAH_TEST_PICTURES"); !folder.isEmpty()) {
            type(0, 1, QStringLiteral("changed"));
            grid_->grab().save(folder + QStringLiteral("/editing-light.png"));
            applyTheme(*qApp, Theme::Dark);
            QTest::qWait(50);
            grid_->grab().save(folder + QStringLiteral("/editing-dark.png"));
            grid_->view()->setCurrentIndex(at(0, 0));
            grid_->editing()->revertSelected();
        }
        QVERIFY(apply().done());
        QCOMPARE(value("select string_agg(id::text, ',' order by id) from t"), std::string("1,3,9"));
        grid_->editing()->discard();
        QVERIFY(grid_->editing()->changes().isEmpty());
    }

    void sortedRowsAreTheRightOnes()
    {
        grid_->sortBy(result::SortKey{0, true});
        QTRY_COMPARE(at(0, 0).data().toString(), QStringLiteral("3"));
        type(0, 1, QStringLiteral("last"));
        QVERIFY(apply().done());
        QCOMPARE(value("select name from t where id = 3"), std::string("last"));
    }

    void leavingAnEmptyEditorOnNullChangesNothing()
    {
        type(1, 1, QString());
        QVERIFY(grid_->editing()->changes().isEmpty());
        type(1, 1, QStringLiteral("x"));
        type(1, 1, QString());
        QCOMPARE(grid_->editing()->changes().count(), std::size_t{1}); // the empty text, not NULL
    }

    void theModelKeepsItsPromises()
    {
        QAbstractItemModelTester tester(grid_->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        type(0, 1, QStringLiteral("x"));
        grid_->editing()->discard();
    }
};

QTEST_MAIN(GridEditingTest)
#include "tst_grid_editing.moc"
