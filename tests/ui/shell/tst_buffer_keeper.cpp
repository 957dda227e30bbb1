// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "ui/shell/buffer_keeper.h"

using namespace howdah;
using namespace howdah::ui;

class TestBufferKeeper : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsTheNewest()
    {
        const QTemporaryDir folder;
        const std::filesystem::path file = std::filesystem::path(folder.path().toStdString()) / "buffers.sqlite";
        {
            BufferKeeper keeper(file);
            workspace::Buffer buffer;
            buffer.id = "a";
            buffer.title = "Query 1";
            for (int i = 0; i <= 500; ++i) {
                buffer.text = "SELECT " + std::to_string(i);
                keeper.save(buffer);
            }
            buffer.id = "b";
            buffer.position = 1;
            keeper.save(buffer);
            buffer.id = "c";
            keeper.save(buffer);
            keeper.remove("c");
        } // the end writes what waits
        BufferKeeper keeper(file);
        std::vector<workspace::Buffer> loaded;
        bool done = false;
        keeper.load([&](std::vector<workspace::Buffer> buffers) {
            loaded = std::move(buffers);
            done = true;
        });
        QTRY_VERIFY(done);
        QCOMPARE(loaded.size(), std::size_t(2));
        QCOMPARE(loaded[0].id, std::string("a"));
        QCOMPARE(loaded[0].text, std::string("SELECT 500"));
        QCOMPARE(loaded[1].id, std::string("b"));
    }

    void aFailureIsToldOnce()
    {
        BufferKeeper keeper("/proc/howdah/buffers.sqlite");
        int told = 0;
        connect(&keeper, &BufferKeeper::failed, this, [&] { ++told; });
        workspace::Buffer buffer;
        buffer.id = "a";
        for (int i = 0; i < 5; ++i)
            keeper.save(buffer);
        bool done = false;
        keeper.load([&](const std::vector<workspace::Buffer> &buffers) {
            done = true;
            QVERIFY(buffers.empty());
        });
        QTRY_VERIFY(done);
        QCOMPARE(told, 1);
    }
};

QTEST_GUILESS_MAIN(TestBufferKeeper)
#include "tst_buffer_keeper.moc"
