// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/edit/row_edit.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::edit;

#define VERIFY_DONE(outcome) QVERIFY2(outcome, outcome ? "" : (outcome).error().text().c_str())

class TestRowEdit : public QObject
{
    Q_OBJECT

    std::unique_ptr<pg::Connection> connection_;

    std::string value(const std::string &sql)
    {
        const auto outcome = connection_->query(sql);
        return outcome ? std::string(outcome->result->cell(0, 0).text) : outcome.error().text();
    }
    void run(const std::string &sql)
    {
        const pg::RunOutcome outcome = connection_->run(sql);
        QVERIFY2(!outcome.error, outcome.error ? outcome.error->text().c_str() : "");
    }
    struct Read {
        std::shared_ptr<pg::RowStore> store;
        std::unique_ptr<result::StoreRows> rows;
        Result<EditableTable> table = fail(ErrorKind::Usage, "not read");
    };
    Read read(const std::string &sql)
    {
        Read read;
        auto outcome = connection_->query(sql);
        if (!outcome)
            return read;
        read.store = outcome->result;
        read.rows = std::make_unique<result::StoreRows>(read.store);
        read.table = editableTable(*connection_, read.store->columns());
        return read;
    }
    migration::ChangeOutcome apply(const Read &read, const PendingChanges &pending)
    {
        migration::ChangeOptions options;
        options.single_transaction = true;
        return runChangeScript(*connection_, editScript(*read.table, *read.rows, pending.changes()), options);
    }

private Q_SLOTS:
    void init()
    {
        connection_ = test::freshConnection();
        run("create table t (id int primary key, name text, price numeric(8,2), tags text[], doc json, \"Odd Name\" text default 'x', "
            "made int generated always as identity, twice int generated always as (id * 2) stored);"
            "insert into t (id, name, price, tags, doc) values (1, 'one', 1.50, '{a,b}', '{\"a\": 1}'), (2, null, null, null, null), (3, 'it''s', 3, '{}', '[]')");
    }

    void knowsWhatCanBeEdited()
    {
        const Read all = read("select * from t order by id");
        VERIFY_DONE(all.table);
        QCOMPARE(all.table->key_name, std::string("t_pkey"));
        QVERIFY(all.table->of(0)->is_key);
        QVERIFY(all.table->of(6)->is_always_generated && all.table->of(7)->is_always_generated);
        QCOMPARE(all.table->column_count, std::size_t{8});
        const Read some = read("select upper(name) as u, id, price from t");
        VERIFY_DONE(some.table);
        QVERIFY(some.table->of(0) == nullptr);
        QVERIFY(some.table->of(1)->is_key);
        QVERIFY(!read("select name from t").table);
        QVERIFY(read("select name from t").table.error().message.find("key of t") != std::string::npos);
        QVERIFY(!read("select 1").table);
        run("create table u (id int references t, note text unique)");
        QVERIFY(read("select * from u").table.error().message.find("no key") != std::string::npos);
        QVERIFY(read("select t.id, u.note from t join u using (id)").table.error().message.find("several tables") != std::string::npos);
        run("create view v as select * from t");
        QVERIFY(!read("select * from v").table);
        run("alter table u alter note set not null");
        QCOMPARE(read("select note, id from u").table->key_name, std::string("u_note_key"));
    }

    void changesExactlyWhatIsMeant()
    {
        const Read all = read("select * from t order by id");
        PendingChanges pending;
        pending.set(*all.rows, 0, 1, "O'Neil\\");
        pending.set(*all.rows, 0, 2, std::nullopt);
        pending.set(*all.rows, 1, 4, "{\"b\": 2}");
        pending.set(*all.rows, 1, 1, "");
        pending.set(*all.rows, 2, 1, "it's"); // as it was
        QCOMPARE(pending.count(), std::size_t{2});
        const std::size_t added = pending.addRow();
        pending.setNew(added, 0, "4");
        pending.setNew(added, 3, "{x}");
        pending.setDeleted(2, true);
        const migration::ChangeOutcome outcome = apply(all, pending);
        QVERIFY2(outcome.done(), outcome.error ? outcome.error->text().c_str() : "");
        QCOMPARE(value("select string_agg(format('%s|%s|%s|%s|%s', id, name, price, tags, \"Odd Name\"), ';' order by id) from t"),
                 std::string("1|O'Neil\\||{a,b}|x;2||||x;4|||{x}|x"));
        QCOMPARE(value("select doc->>'b' from t where id = 2"), std::string("2"));
    }

    void somebodyElsesChangeStopsAll()
    {
        const Read all = read("select * from t order by id");
        PendingChanges pending;
        pending.set(*all.rows, 0, 1, "mine");
        pending.set(*all.rows, 1, 1, "mine");
        run("update t set name = 'theirs' where id = 2");
        const migration::ChangeOutcome outcome = apply(all, pending);
        QVERIFY(!outcome.done());
        QVERIFY2(outcome.error->message.find("Change row id 2") != std::string::npos, outcome.error->message.c_str());
        QCOMPARE(value("select string_agg(name, ',' order by id) from t"), std::string("one,theirs,it's"));
        // A column that was not touched may have changed.
        run("update t set name = null, price = 9 where id = 2");
        QVERIFY(apply(all, pending).done());
        QCOMPARE(value("select name || price from t where id = 2"), std::string("mine9.00"));
    }

    void deletedMeanwhileIsSaid()
    {
        const Read all = read("select * from t order by id");
        PendingChanges pending;
        pending.setDeleted(0, true);
        pending.setDeleted(1, true);
        run("delete from t where id = 2");
        QVERIFY(!apply(all, pending).done());
        QCOMPARE(value("select count(*) from t"), std::string("2"));
    }

    void keysCanBeChangedAndTakenAgain()
    {
        const Read all = read("select * from t order by id");
        PendingChanges pending;
        pending.setDeleted(2, true);
        pending.set(*all.rows, 0, 0, "3"); // free once row 3 is gone
        QVERIFY(apply(all, pending).done());
        QCOMPARE(value("select string_agg(id || coalesce(name, '-'), ',' order by id) from t"), std::string("2-,3one"));
    }

    void theWayBackIsAWayBack()
    {
        const Read all = read("select id, name, price from t order by id");
        PendingChanges pending;
        pending.set(*all.rows, 0, 1, "changed");
        pending.set(*all.rows, 0, 0, "10");
        const std::size_t added = pending.addRow();
        pending.setNew(added, 0, "11");
        const migration::ChangeScript script = editScript(*all.table, *all.rows, pending.changes());
        migration::ChangeOptions options;
        options.single_transaction = true;
        QVERIFY(runChangeScript(*connection_, script, options).done());
        for (auto step = script.steps.rbegin(); step != script.steps.rend(); ++step)
            run(step->undo_sql);
        QCOMPARE(value("select string_agg(id || coalesce(name, '-'), ',' order by id) from t"), std::string("1one,2-,3it's"));
        PendingChanges deleting;
        deleting.setDeleted(0, true);
        QVERIFY(!editScript(*all.table, *all.rows, deleting.changes()).steps.front().no_undo_reason.empty());
    }

    void partitionedTables()
    {
        run("create table p (id int, at date, note text, primary key (id, at)) partition by range (at);"
            "create table p1 partition of p for values from ('2024-01-01') to ('2025-01-01'); create table p2 partition of p for values from ('2025-01-01') to ('2026-01-01');"
            "insert into p values (1, '2024-05-01', 'a')");
        const Read all = read("select * from p");
        VERIFY_DONE(all.table);
        PendingChanges pending;
        pending.set(*all.rows, 0, 1, "2025-05-01"); // moves to another partition
        const migration::ChangeOutcome outcome = apply(all, pending);
        QVERIFY2(outcome.done(), outcome.error ? outcome.error->text().c_str() : "");
        QCOMPARE(value("select count(*) from p2"), std::string("1"));
    }
};

QTEST_GUILESS_MAIN(TestRowEdit)
#include "tst_row_edit.moc"
