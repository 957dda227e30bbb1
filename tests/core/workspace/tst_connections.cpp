// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <fstream>
#include <iterator>
#include <set>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "core/workspace/connections.h"
#include "support/show.h"

using namespace howdah;
using namespace howdah::workspace;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path &file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void write(const fs::path &file, const std::string &text)
{
    std::ofstream(file, std::ios::binary) << text;
}

SavedConnection sample()
{
    SavedConnection connection;
    connection.id = newId();
    connection.name = "Größe \"1\"";
    connection.conninfo = "host=db.example port=5433 dbname='my db' user=ann";
    connection.environment = "production";
    connection.color = "#aa0000";
    connection.read_only = true;
    connection.keep_password = true;
    connection.last_used = "2026-11-25T03:00:00Z";
    return connection;
}

} // namespace

class TestConnections : public QObject
{
    Q_OBJECT

    QTemporaryDir folder_;
    fs::path file() const { return fs::path(folder_.path().toStdString()) / "made" / "connections.json"; }

private Q_SLOTS:
    void init()
    {
        fs::remove_all(file().parent_path());
    }

    void aMissingFileIsAnEmptyList()
    {
        const auto loaded = loadConnections(file());
        QVERIFY(loaded && loaded->empty());
        QVERIFY(!fs::exists(file().parent_path()));
    }

    void comesBackAsItWas()
    {
        const SavedConnection first = sample();
        SavedConnection second;
        second.id = newId();
        second.name = "empty";
        QVERIFY(saveConnections(file(), {first, second}));
        const auto loaded = loadConnections(file());
        QVERIFY(loaded);
        QCOMPARE(loaded->size(), std::size_t{2});
        const SavedConnection &back = loaded->front();
        QCOMPARE(back.id, first.id);
        QCOMPARE(back.name, first.name);
        QCOMPARE(pg::describe(back.conninfo).value(), pg::describe(first.conninfo).value());
        QCOMPARE(back.environment, first.environment);
        QCOMPARE(back.color, first.color);
        QCOMPARE(back.read_only, true);
        QCOMPARE(back.keep_password, true);
        QCOMPARE(back.last_used, first.last_used);
        QCOMPARE(loaded->back().environment, std::string("development"));
    }

    void isForItsOwnerOnly()
    {
        QVERIFY(saveConnections(file(), {sample()}));
        struct stat facts{};
        QCOMPARE(stat(file().c_str(), &facts), 0);
        QCOMPARE(facts.st_mode & 0777U, 0600U);
        QCOMPARE(stat(file().parent_path().c_str(), &facts), 0);
        QCOMPARE(facts.st_mode & 0777U, 0700U);
        // A looser mode does not survive, and nothing is left beside the file.
        fs::permissions(file(), fs::perms::all);
        QVERIFY(saveConnections(file(), {sample()}));
        QCOMPARE(stat(file().c_str(), &facts), 0);
        QCOMPARE(facts.st_mode & 0777U, 0600U);
        QCOMPARE(std::distance(fs::directory_iterator(file().parent_path()), fs::directory_iterator()), std::ptrdiff_t{1});
    }

    void holdsNoPassword()
    {
        SavedConnection keywords = sample();
        keywords.conninfo = "host=a password='se cr\\'et' sslpassword=secret2";
        SavedConnection uri = sample();
        uri.conninfo = "postgresql://ann:secret3@db.example:5433/shop?password=secret4&application_name=x";
        QVERIFY(saveConnections(file(), {keywords, uri}));
        QVERIFY(content(file()).find("secr") == std::string::npos && content(file()).find("se cr") == std::string::npos);
        QVERIFY(content(file()).find("db.example") != std::string::npos);
        SavedConnection broken = sample();
        broken.conninfo = "host=a password='secret";
        const std::string before = content(file());
        QVERIFY(!saveConnections(file(), {broken}));
        QCOMPARE(content(file()), before);
    }

    void keepsKeysItDoesNotKnow()
    {
        SavedConnection connection = sample();
        QVERIFY(saveConnections(file(), {connection}));
        auto document = nlohmann::json::parse(content(file()));
        document["later"] = {{"deep", {1, 2}}};
        document["connections"][0]["ssh_tunnel"] = "bastion";
        write(file(), document.dump());
        auto loaded = loadConnections(file());
        QVERIFY(loaded);
        loaded->front().name = "renamed";
        loaded->insert(loaded->begin(), sample()); // another order: an entry is known by its id
        QVERIFY(saveConnections(file(), *loaded));
        const auto after = nlohmann::json::parse(content(file()));
        QCOMPARE(after["later"], document["later"]);
        QCOMPARE(after["connections"][1]["ssh_tunnel"].get<std::string>(), std::string("bastion"));
        QCOMPARE(after["connections"][1]["name"].get<std::string>(), std::string("renamed"));
        QVERIFY(!after["connections"][0].contains("ssh_tunnel"));
    }

    void doesNotOverwriteWhatItCannotRead()
    {
        fs::create_directories(file().parent_path());
        for (const std::string damaged : {"{\"connections\": [", "[]", "{\"connections\": 3}", ""}) {
            write(file(), damaged);
            const auto loaded = loadConnections(file());
            QVERIFY(!loaded);
            QCOMPARE(loaded.error().kind, ErrorKind::Parse);
            QVERIFY(!saveConnections(file(), {sample()}));
            QCOMPARE(content(file()), damaged);
        }
    }

    void followsASymbolicLink()
    {
        fs::create_directories(file().parent_path());
        const fs::path real = file().parent_path() / "elsewhere.json";
        write(real, "{\"connections\": []}");
        fs::create_symlink(real, file());
        QVERIFY(saveConnections(file(), {sample()}));
        QVERIFY(fs::is_symlink(file()));
        QCOMPARE(loadConnections(real)->size(), std::size_t{1});
    }

    void saysWhyItCannotWrite()
    {
        fs::create_directories(file() / "a folder stands in its place");
        const auto saved = saveConnections(file(), {sample()});
        QVERIFY(!saved);
        QVERIFY(saved.error().message.find("connections.json") != std::string::npos);
    }

    void idsDiffer()
    {
        std::set<std::string> ids;
        for (int i = 0; i < 1000; ++i)
            ids.insert(newId());
        QCOMPARE(ids.size(), std::size_t{1000});
    }
};

QTEST_GUILESS_MAIN(TestConnections)
#include "tst_connections.moc"
