// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <csignal>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/workspace/buffers.h"
#include "support/show.h"

using namespace howdah;
using namespace howdah::workspace;
namespace fs = std::filesystem;

namespace {

Buffer sample(const std::string &id, int position)
{
    Buffer buffer;
    buffer.id = id;
    buffer.title = "Report – " + id;
    buffer.file = "/home/ann/report.sql";
    buffer.text = "SELECT 'größe';\n-- " + id;
    buffer.cursor = 8;
    buffer.position = position;
    buffer.connection_name = "shop";
    buffer.modified = true;
    buffer.manual_commit = true;
    return buffer;
}

} // namespace

class TestBuffers : public QObject
{
    Q_OBJECT

    QTemporaryDir folder_;
    fs::path file() const { return fs::path(folder_.path().toStdString()) / "made" / "buffers.sqlite"; }

    std::unique_ptr<BufferJournal> open() const
    {
        auto opened = BufferJournal::open(file());
        if (!opened)
            QTest::qFail(opened.error().text().c_str(), __FILE__, __LINE__);
        return opened ? std::move(*opened) : nullptr;
    }

private Q_SLOTS:
    void init()
    {
        fs::remove_all(file().parent_path());
    }

    void comesBackInOrder()
    {
        {
            const auto journal = open();
            QVERIFY(journal->load()->empty());
            QVERIFY(journal->save(sample("b", 1)));
            QVERIFY(journal->save(sample("a", 0)));
            QVERIFY(journal->save(sample("c", 2)));
            Buffer changed = sample("b", 5);
            changed.text = std::string("with a NUL \0 inside", 18);
            changed.modified = false;
            changed.manual_commit = false;
            QVERIFY(journal->save(changed));
            QVERIFY(journal->remove("a"));
            QVERIFY(journal->remove("never there"));
        }
        const auto buffers = open()->load();
        QVERIFY(buffers);
        QCOMPARE(buffers->size(), std::size_t{2});
        const Buffer &c = buffers->at(0), &b = buffers->at(1);
        QCOMPARE(c.id, std::string("c"));
        QCOMPARE(c.title, sample("c", 2).title);
        QCOMPARE(c.file, sample("c", 2).file);
        QCOMPARE(c.text, sample("c", 2).text);
        QCOMPARE(c.cursor, std::int64_t{8});
        QCOMPARE(c.connection_name, std::string("shop"));
        QVERIFY(c.modified);
        QVERIFY(c.manual_commit);
        QCOMPARE(b.position, 5);
        QCOMPARE(b.text, std::string("with a NUL \0 inside", 18));
        QVERIFY(!b.modified);
        QVERIFY(!b.manual_commit);
    }

    void isForItsOwnerOnly()
    {
        const auto journal = open();
        QVERIFY(journal->save(sample("a", 0)));
        for (const auto &entry : fs::directory_iterator(file().parent_path())) {
            struct stat facts{};
            QCOMPARE(stat(entry.path().c_str(), &facts), 0);
            QCOMPARE(facts.st_mode & 0777U, 0600U);
        }
    }

    /// What save() has accepted survives SIGKILL, at whatever moment it comes.
    void survivesSigkill()
    {
        for (int round = 0; round < 8; ++round) {
            int told[2];
            QCOMPARE(pipe(told), 0);
            const pid_t child = fork();
            if (child == 0) {
                auto journal = BufferJournal::open(file());
                for (int revision = 1; journal; ++revision) {
                    Buffer buffer = sample("typed", 0);
                    buffer.text = std::string(20'000, 'x') + std::to_string(revision);
                    buffer.cursor = revision;
                    if (!(*journal)->save(buffer) || write(told[1], &revision, sizeof revision) != sizeof revision)
                        break;
                }
                _exit(1);
            }
            ::close(told[1]);
            int accepted = 0;
            for (int wanted = 20 + round * 7, revision = 0; accepted < wanted && read(told[0], &revision, sizeof revision) == sizeof revision;)
                accepted = revision;
            kill(child, SIGKILL);
            int status = 0;
            waitpid(child, &status, 0);
            QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
            int revision = 0;
            while (read(told[0], &revision, sizeof revision) == sizeof revision)
                accepted = revision;
            ::close(told[0]);
            const auto buffers = open()->load();
            QVERIFY(buffers);
            QCOMPARE(buffers->size(), std::size_t{1});
            // The one in the making may be there too, whole.
            QVERIFY(buffers->front().cursor >= accepted);
            QCOMPARE(buffers->front().text, std::string(20'000, 'x') + std::to_string(buffers->front().cursor));
        }
    }

    void twoWindowsShareIt()
    {
        const auto first = open();
        const auto second = open();
        QVERIFY(first->save(sample("a", 0)));
        QVERIFY(second->save(sample("b", 1)));
        QCOMPARE(first->load()->size(), std::size_t{2});
    }

    void takesALargeText()
    {
        const auto journal = open();
        Buffer large = sample("large", 0);
        large.text.assign(50'000'000, 'y');
        QVERIFY(journal->save(large));
        QCOMPARE(journal->load()->front().text.size(), std::size_t{50'000'000});
    }

    void doesNotTouchWhatIsNotItsOwn()
    {
        fs::create_directories(file().parent_path());
        const std::string foreign = "this is no database, but a letter to a friend; it is long enough to be taken for a page of one";
        std::ofstream(file()) << foreign;
        const auto opened = BufferJournal::open(file());
        QVERIFY(!opened);
        QVERIFY(!opened.error().message.empty());
        std::ifstream stream(file());
        QCOMPARE(std::string(std::istreambuf_iterator<char>(stream), {}), foreign);
    }
};

QTEST_GUILESS_MAIN(TestBuffers)
#include "tst_buffers.moc"
