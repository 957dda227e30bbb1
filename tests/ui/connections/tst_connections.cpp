// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>
#include <iterator>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "support/deaf_port.h"
#include "support/test_server.h"
#include "ui/base/banner.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/connections/connection_dialog.h"
#include "ui/connections/connection_form.h"
#include "ui/connections/connection_list.h"
#include "ui/connections/connection_test.h"
#include "ui/connections/conninfo_text.h"
#include "ui/connections/password_field.h"
#include "ui/connections/password_prompt.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

const QString secret = QStringLiteral("s3cr€t 'p@ss");

workspace::SavedConnection saved(const char *name, const char *conninfo, const char *environment = "development")
{
    workspace::SavedConnection connection;
    connection.name = name;
    connection.conninfo = conninfo;
    connection.environment = environment;
    return connection;
}

std::string contentOf(const std::filesystem::path &file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

template <typename T> T *named(QWidget &parent, const QString &accessible_name)
{
    for (T *each : parent.findChildren<T *>()) {
        if (each->accessibleName().remove(QLatin1Char('&')) == accessible_name)
            return each;
    }
    return nullptr;
}

/// The visible button of that text; one in a banner shows a moment after the banner.
QPushButton *button(QWidget &parent, const QString &text)
{
    QPushButton *found = nullptr;
    const bool there = QTest::qWaitFor([&] {
        for (QPushButton *each : parent.findChildren<QPushButton *>()) {
            if (each->text() == text && each->isVisibleTo(&parent))
                found = each;
        }
        return found != nullptr;
    }, 2000);
    if (!there)
        qFatal("there is no button \"%s\"", qPrintable(text));
    return found;
}

} // namespace

class TestConnections : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanupTestCase();
    void passwordsAreTakenOutOfText_data();
    void passwordsAreTakenOutOfText();
    void bothFormsSayTheSame_data();
    void bothFormsSayTheSame();
    void servicesAreFound();
    void storeKeepsNoPassword();
    void storeOrdersByUse();
    void brokenFileIsLeftAlone();
    void noKeychainIsTold();
    void wantsPasswordOnlyWhereOneHelps();
    void coloursOfEnvironments();
    void fieldsAndTextInStep();
    void pastedPasswordMovesToItsField();
    void environmentsOfOnesOwn();
    void productionStartsReadOnly();
    void testButtonTellsWhatAnswers();
    void testButtonTellsWhatIsWrong();
    void testCanBeCancelled();
    void saveReloadDuplicateDeleteUndo();
    void connectSavesAndHandsOver();
    void changesAreNotLostBySelecting();
    void listSearchesAndKnowsTheDemo();
    void promptAsks();

private:
    [[nodiscard]] std::filesystem::path file() const { return std::filesystem::path(folder_->path().toStdString()) / "connections.json"; }
    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<QTemporaryDir> cluster_folder_;
    std::unique_ptr<cluster::LocalCluster> guarded_; ///< asks for a password over TCP
};

void TestConnections::initTestCase()
{
    folder_ = std::make_unique<QTemporaryDir>();
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_->path());
    QCoreApplication::setOrganizationName(QStringLiteral("howdah-test"));
    QCoreApplication::setApplicationName(QStringLiteral("connections"));
    // The bus must not be that of whoever runs the tests: no test may write into a real keychain.
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    applyTheme(*qApp, Theme::Light);
    const auto installation = cluster::findInstallation(15);
    QVERIFY(installation);
    cluster_folder_ = std::make_unique<QTemporaryDir>(QStringLiteral("/tmp/howdah-test-XXXXXX"));
    std::filesystem::permissions(cluster_folder_->path().toStdString(), std::filesystem::perms::owner_all |
                                     std::filesystem::perms::group_exec | std::filesystem::perms::others_exec);
    cluster::ClusterOptions options;
    options.folder = cluster_folder_->path().toStdString() + "/guarded";
    options.durable = false;
    options.listen_tcp = true;
    options.password = secret.toStdString();
    auto started = cluster::LocalCluster::start(*installation, options);
    QVERIFY2(started, started ? "" : started.error().text().c_str());
    guarded_ = std::move(*started);
}

void TestConnections::cleanupTestCase()
{
    guarded_.reset();
}

void TestConnections::init()
{
    folder_ = std::make_unique<QTemporaryDir>();
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_->path());
}

void TestConnections::passwordsAreTakenOutOfText_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("rest");
    QTest::addColumn<QString>("password");
    const auto row = [](const char *name, const char *text, const char *rest, const char *password) {
        QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(rest) << QString::fromUtf8(password);
    };
    row("uri", "postgresql://app:p%40ss@db-1:5433/shop?sslmode=require", "postgresql://app@db-1:5433/shop?sslmode=require", "p@ss");
    row("uri parameter", "postgres://db-1/shop?password=a%26b&connect_timeout=3", "postgres://db-1/shop?connect_timeout=3", "a&b");
    row("uri only parameter", "postgres://db-1/shop?password=x", "postgres://db-1/shop", "x");
    row("uri several hosts", "postgresql://u:pw@a:1,b:2/d", "postgresql://u@a:1,b:2/d", "pw");
    row("keywords", "host=db-1 password=abc user=app", "host=db-1 user=app", "abc");
    row("quoted", "password = 'a b\\'c\\\\' host=db-1", "host=db-1", "a b'c\\");
    row("last counts", "password=one host=h password=two", "host=h", "two");
    row("key's password", "host=h sslpassword=k password=x", "host=h", "x");
    row("not one", "host=h application_name='password=no'", "host=h application_name='password=no'", "");
    row("not one in a uri", "postgresql://h/d?application_name=password", "postgresql://h/d?application_name=password", "");
}

void TestConnections::passwordsAreTakenOutOfText()
{
    QFETCH(QString, text);
    QFETCH(QString, rest);
    QFETCH(QString, password);
    const auto meaning = pg::describe(text.toStdString());
    QVERIFY(meaning);
    QCOMPARE(takePassword(text).value_or(QString()), password);
    QCOMPARE(text, rest);
    const auto rest_meaning = pg::describe(text.toStdString());
    QVERIFY(rest_meaning && *rest_meaning == *meaning);
}

void TestConnections::bothFormsSayTheSame_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : {"host=db-1 port=5433 dbname=shop user=app sslmode=require", "host=/var/run/postgresql dbname='my db'",
                             "host=::1 port=5432", "host=a,b port=1,2 dbname=x target_session_attrs=read-write", "service=shop",
                             "hostaddr=10.0.0.1 user='a:b@c' dbname='x/y?z'", "dbname=only", "options='-c search_path=a,b'"})
        QTest::newRow(text) << QString::fromLatin1(text);
}

void TestConnections::bothFormsSayTheSame()
{
    QFETCH(QString, text);
    const auto keywords = pg::describe(text.toStdString());
    QVERIFY(keywords);
    for (const QString &form : {toKeywords(*keywords), toUri(*keywords)}) {
        const auto again = pg::describe(form.toStdString());
        QVERIFY2(again && *again == *keywords, qPrintable(form));
    }
    QVERIFY(isUri(toUri(*keywords)));
}

void TestConnections::servicesAreFound()
{
    const QString path = folder_->filePath(QStringLiteral("services"));
    std::ofstream(path.toStdString()) << "# mine\n[shop]\nhost=db-1\n\n[ ]\n[billing]\nhost=db-2\n";
    qputenv("PGSERVICEFILE", path.toUtf8());
    qputenv("PGSYSCONFDIR", "/nonexistent");
    QCOMPARE(serviceNames().mid(0, 1), QStringList({QStringLiteral("shop")}));
    QVERIFY(serviceNames().contains(QStringLiteral("billing")));
    ConnectionForm form;
    auto *service = form.findChildren<QComboBox *>().at(1);
    QVERIFY(service->isVisibleTo(&form));
    service->setCurrentText(QStringLiteral("shop"));
    QCOMPARE(form.saved().conninfo, std::string("service=shop"));
    qunsetenv("PGSERVICEFILE");
    qunsetenv("PGSYSCONFDIR");
}

void TestConnections::storeKeepsNoPassword()
{
    ConnectionStore store(file());
    QVERIFY(store.all().empty());
    QSignalSpy changed(&store, &ConnectionStore::changed);
    auto connection = saved("Shop", "postgresql://app:hidden@db-1/shop?sslpassword=key");
    connection.keep_password = true;
    const auto kept = store.save(connection, QStringLiteral("hidden"));
    QVERIFY(kept);
    QVERIFY(!kept->id.empty());
    QCOMPARE(changed.count(), 1);
    const std::string content = contentOf(file());
    QVERIFY(content.find("db-1") != std::string::npos);
    QVERIFY(content.find("hidden") == std::string::npos);
    QVERIFY(content.find("key") == content.find("keep_password") || content.find("sslpassword") == std::string::npos);
    QCOMPARE(std::filesystem::status(file()).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

    ConnectionStore again(file());
    QCOMPARE(again.all().size(), std::size_t{1});
    QCOMPARE(again.find(QString::fromStdString(kept->id))->name, std::string("Shop"));
    QVERIFY2(!store.save(saved("Broken", "host")), "an unreadable conninfo may hold a password nobody finds");
    QVERIFY(store.remove(QString::fromStdString(kept->id)));
    QVERIFY(store.all().empty());
}

void TestConnections::storeOrdersByUse()
{
    ConnectionStore store(file());
    const auto b = store.save(saved("b", "host=b"));
    const auto a = store.save(saved("a", "host=a"));
    QVERIFY(a && b);
    QCOMPARE(store.all().front().name, std::string("a"));
    store.touch(QString::fromStdString(b->id));
    QCOMPARE(store.all().front().name, std::string("b"));
    QVERIFY(!store.all().front().last_used.empty());

    // Another window's connection survives a save here.
    ConnectionStore other(file());
    QVERIFY(other.save(saved("c", "host=c")));
    QVERIFY(store.save(saved("d", "host=d")));
    QCOMPARE(store.all().size(), std::size_t{4});
}

void TestConnections::brokenFileIsLeftAlone()
{
    std::ofstream(file()) << "{ not json";
    ConnectionStore store(file());
    QVERIFY(store.loadError());
    QVERIFY(!store.save(saved("a", "host=a")));
    QCOMPARE(contentOf(file()), std::string("{ not json"));
    ConnectionDialog dialog(&store);
    QVERIFY(dialog.findChild<Banner *>()->sentence().contains(QStringLiteral("could not be read")));
}

void TestConnections::noKeychainIsTold()
{
    ConnectionStore store(file());
    QTRY_VERIFY_WITH_TIMEOUT(store.keychain() != ConnectionStore::Keychain::Unknown, 30'000);
    QCOMPARE(store.keychain(), ConnectionStore::Keychain::Missing);
    auto connection = saved("a", "host=a");
    connection.keep_password = true;
    QSignalSpy failed(&store, &ConnectionStore::keychainFailed);
    const auto kept = store.save(connection, secret);
    QVERIFY(kept);
    QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, 30'000);
    std::optional<QString> found;
    QString problem;
    store.password(QString::fromStdString(kept->id), this, [&](const std::optional<QString> &password, const QString &error) {
        found = password;
        problem = error;
    });
    QTRY_VERIFY_WITH_TIMEOUT(!problem.isEmpty(), 30'000);
    QVERIFY(!found);
    // Nothing anywhere below the folder that settings and connections go to.
    for (const auto &entry : std::filesystem::recursive_directory_iterator(folder_->path().toStdString())) {
        if (entry.is_regular_file())
            QVERIFY2(contentOf(entry.path()).find(secret.toStdString()) == std::string::npos, entry.path().c_str());
    }
    ConnectionForm form;
    form.setKeychain(store.keychain(), store.keychainProblem());
    QVERIFY(!form.findChildren<QCheckBox *>().last()->isEnabled());
}

void TestConnections::wantsPasswordOnlyWhereOneHelps()
{
    const auto refused = [](const std::string &conninfo, std::optional<std::string> password) {
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        spec.password = std::move(password);
        const auto opened = pg::Connection::open(spec);
        return opened ? Error() : opened.error();
    };
    const std::string tcp = "host=127.0.0.1 dbname=postgres user=howdah passfile=/nonexistent port=" + std::to_string(guarded_->port());
    QVERIFY(wantsPassword(refused(tcp, std::nullopt)));
    QVERIFY(wantsPassword(refused(tcp, "wrong")));
    QVERIFY(!wantsPassword(refused(tcp + " dbname=nowhere", secret.toStdString())));
    QVERIFY(!wantsPassword(refused("host=127.0.0.1 port=1", std::nullopt)));
    Error error;
    error.kind = ErrorKind::Connection;
    error.sqlstate = "28000";
    error.message = "FATAL:  no pg_hba.conf entry for host \"10.0.0.1\", user \"x\", database \"y\", no encryption";
    QVERIFY(!wantsPassword(error));
    error.message = "FATAL:  LDAP authentication failed for user \"x\"";
    QVERIFY(wantsPassword(error));
    error.message = "FATAL:  Peer authentication failed for user \"x\"";
    QVERIFY(!wantsPassword(error));
}

void TestConnections::coloursOfEnvironments()
{
    auto connection = saved("a", "", "production");
    QCOMPARE(environmentColor(connection), colors().warn);
    connection.color = "#123456";
    QCOMPARE(environmentColor(connection), QColor(0x12, 0x34, 0x56));
    connection.color = "nonsense";
    QCOMPARE(environmentColor(connection), colors().warn);
    QVERIFY(environmentColor(saved("a", "", "test")) != environmentColor(saved("a", "", "staging")));
}

void TestConnections::fieldsAndTextInStep()
{
    ConnectionForm form;
    form.show();
    auto *text = named<QLineEdit>(form, QStringLiteral("Address"));
    auto *host = named<QLineEdit>(form, QStringLiteral("Host"));
    auto *port = named<QLineEdit>(form, QStringLiteral("Port"));
    auto *database = named<QLineEdit>(form, QStringLiteral("Database"));
    auto *more = named<QLineEdit>(form, QStringLiteral("More"));
    auto *sslmode = named<QComboBox>(form, QStringLiteral("TLS"));
    QVERIFY(text && host && port && database && more && sslmode);

    QTest::keyClicks(text, QStringLiteral("postgresql://app@db-1.eu:5433/shop?sslmode=verify-full&connect_timeout=4"));
    QCOMPARE(host->text(), QStringLiteral("db-1.eu"));
    QCOMPARE(port->text(), QStringLiteral("5433"));
    QCOMPARE(database->text(), QStringLiteral("shop"));
    QCOMPARE(sslmode->currentData().toString(), QStringLiteral("verify-full"));
    QCOMPARE(more->text(), QStringLiteral("connect_timeout=4"));
    // A URI stays a URI.
    host->clear();
    QTest::keyClicks(host, QStringLiteral("other"));
    QCOMPARE(text->text(), QStringLiteral("postgresql://app@other:5433/shop?connect_timeout=4&sslmode=verify-full"));
    QTest::keyClicks(more, QStringLiteral(" keepalives=0"));
    QVERIFY(text->text().contains(QStringLiteral("keepalives=0")));
    QCOMPARE(form.saved().name, std::string("shop @ other"));

    text->clear();
    QVERIFY(host->text().isEmpty());
    QTest::keyClicks(text, QStringLiteral("host=a dbname='my db'"));
    QCOMPARE(database->text(), QStringLiteral("my db"));
    QTest::keyClicks(port, QStringLiteral("77"));
    QCOMPARE(text->text(), QStringLiteral("host=a port=77 dbname='my db'"));
    sslmode->setCurrentIndex(sslmode->findData(QStringLiteral("require")));
    QVERIFY(text->text().endsWith(QStringLiteral("sslmode=require")));

    QTest::keyClicks(text, QStringLiteral(" nonsense"));
    QVERIFY(!form.problem().isEmpty());
    QCOMPARE(host->text(), QStringLiteral("a"));
    host->setText(QStringLiteral("b"));
    QVERIFY2(form.problem().isEmpty(), "the fields are right, so the text follows them");
}

void TestConnections::pastedPasswordMovesToItsField()
{
    ConnectionForm form;
    form.show();
    auto *text = named<QLineEdit>(form, QStringLiteral("Address"));
    auto *password = form.findChild<PasswordField *>();
    text->insert(QStringLiteral("postgresql://app:hid%20den@db-1/shop"));
    QCOMPARE(text->text(), QStringLiteral("postgresql://app@db-1/shop"));
    QCOMPARE(password->text(), QStringLiteral("hid den"));
    QCOMPARE(password->echoMode(), QLineEdit::Password);
    // Typed letter by letter it stays until the field is left: half a password is none.
    text->clear();
    QTest::keyClicks(text, QStringLiteral("host=h password=typed"));
    QCOMPARE(text->text(), QStringLiteral("host=h password=typed"));
    QTest::keyClick(text, Qt::Key_Return);
    QCOMPARE(text->text(), QStringLiteral("host=h"));
    QCOMPARE(password->text(), QStringLiteral("typed"));
    const ConnectionChoice choice = form.choice();
    QCOMPARE(choice.spec.conninfo, std::string("host=h"));
    QCOMPARE(choice.spec.password.value_or(""), std::string("typed"));
    QCOMPARE(choice.saved.conninfo, std::string("host=h"));
}

void TestConnections::environmentsOfOnesOwn()
{
    ConnectionForm form;
    auto *environment = form.findChild<SegmentedTabs *>();
    form.load(saved("x", "host=a"));
    QLineEdit *name = nullptr;
    for (QLineEdit *field : form.findChildren<QLineEdit *>())
        name = field->placeholderText().startsWith(QStringLiteral("Name, such as")) ? field : name;
    QVERIFY(name != nullptr && name->isHidden());
    environment->setCurrent(own_environment_id);
    QVERIFY(!name->isHidden());
    QCOMPARE(form.saved().environment, std::string("staging")); // until it has a name: no laxer than a shared server
    name->setText(QStringLiteral(" acceptance "));
    QCOMPARE(form.saved().environment, std::string("acceptance"));
    QCOMPARE(environmentName("acceptance"), QStringLiteral("acceptance"));
    QVERIFY(environmentColor(saved("a", "", "acceptance")) != environmentColor(saved("a", "")));
    QVERIFY(environmentColor(saved("a", "", "acceptance")) != environmentColor(saved("a", "", "test")));
    form.load(saved("y", "host=b", "pilot"));
    QCOMPARE(name->text(), QStringLiteral("pilot"));
    QCOMPARE(form.saved().environment, std::string("pilot"));
    form.load(saved("y", "host=b", "production"));
    QVERIFY(name->isHidden());
    QCOMPARE(form.saved().environment, std::string("production"));
}

void TestConnections::productionStartsReadOnly()
{
    ConnectionForm form;
    auto *environment = form.findChild<SegmentedTabs *>();
    auto *read_only = form.findChildren<QCheckBox *>().first();
    form.load(saved("", "host=a"));
    QVERIFY(!read_only->isChecked());
    environment->setCurrent(QStringLiteral("production"));
    QVERIFY(read_only->isChecked());
    QVERIFY(form.choice().spec.read_only);
    environment->setCurrent(QStringLiteral("test"));
    QVERIFY(!read_only->isChecked());
    // Once chosen by hand it stays.
    read_only->click();
    environment->setCurrent(QStringLiteral("production"));
    read_only->click();
    environment->setCurrent(QStringLiteral("staging"));
    environment->setCurrent(QStringLiteral("production"));
    QVERIFY(!read_only->isChecked());
    auto writes = saved("x", "host=a", "production");
    writes.id = "1";
    form.load(writes);
    QVERIFY2(!read_only->isChecked(), "what was saved was decided");
}

void TestConnections::testButtonTellsWhatAnswers()
{
    ConnectionStore store(file());
    ConnectionDialog dialog(&store);
    dialog.editNew(QString::fromStdString(test::freshDatabase()));
    dialog.show();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    auto *test = dialog.findChild<ConnectionTest *>();
    QSignalSpy finished(test, &ConnectionTest::finished);
    QTest::keyClick(&dialog, Qt::Key_T, Qt::ControlModifier);
    QVERIFY(test->isRunning());
    QTRY_COMPARE(finished.count(), 1);
    QVERIFY2(finished.first().first().toBool(), qPrintable(test->text()));
    QVERIFY2(test->text().contains(QStringLiteral("PostgreSQL 15.")), qPrintable(test->text()));
    QVERIFY(test->text().contains(QStringLiteral("(superuser)")));
    QVERIFY(test->text().contains(QStringLiteral("round trip")));
    QVERIFY(dialog.findChild<QPushButton *>(QStringLiteral("test"))->isEnabled());
}

void TestConnections::testButtonTellsWhatIsWrong()
{
    ConnectionStore store(file());
    ConnectionDialog dialog(&store);
    dialog.show();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    auto *test = dialog.findChild<ConnectionTest *>();
    auto *password = dialog.findChild<PasswordField *>();
    const auto answer = [&](const QString &conninfo, const QString &with) {
        dialog.editNew(conninfo);
        password->insert(with); // keyClicks knows Latin-1 alone
        QSignalSpy finished(test, &ConnectionTest::finished);
        dialog.findChild<QPushButton *>(QStringLiteral("test"))->click();
        static_cast<void>(QTest::qWaitFor([&] { return finished.count() > 0; }, 10'000));
        return test->text();
    };
    const QString tcp = QStringLiteral("host=127.0.0.1 dbname=postgres user=howdah passfile=/nonexistent port=%1").arg(guarded_->port());
    QString text = answer(tcp, QStringLiteral("wrong"));
    QVERIFY2(text.contains(QStringLiteral("SQLSTATE 28P01")) && text.contains(QStringLiteral("Check the user name")), qPrintable(text));
    text = answer(tcp, {});
    QVERIFY2(text.contains(QStringLiteral("28P01")), qPrintable(text));
    text = answer(tcp, secret);
    QVERIFY2(text.contains(QStringLiteral("PostgreSQL 15")), qPrintable(text));
    text = answer(tcp + QStringLiteral(" dbname=nowhere"), secret);
    QVERIFY2(text.contains(QStringLiteral("3D000")), qPrintable(text));
    text = answer(QStringLiteral("host=127.0.0.1 port=1"), {});
    QVERIFY2(text.contains(QStringLiteral("Not connected")) && text.contains(QStringLiteral("running")), qPrintable(text));
}

void TestConnections::testCanBeCancelled()
{
    const test::DeafPort deaf;
    ConnectionStore store(file());
    ConnectionDialog dialog(&store);
    dialog.editNew(QStringLiteral("host=127.0.0.1 port=%1").arg(deaf.port));
    dialog.show();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    auto *test = dialog.findChild<ConnectionTest *>();
    dialog.findChild<QPushButton *>(QStringLiteral("test"))->click();
    QTest::qWait(50);
    QVERIFY(test->isRunning());
    QElapsedTimer timer;
    timer.start();
    QTest::keyClick(&dialog, Qt::Key_Escape);
    QVERIFY(timer.elapsed() < 100);
    QVERIFY(!test->isRunning());
    QVERIFY(dialog.isVisible());
    QVERIFY(test->text().contains(QStringLiteral("Stopped")));
    // Closing while one runs does not wait either.
    dialog.findChild<QPushButton *>(QStringLiteral("test"))->click();
    timer.restart();
    dialog.accept();
    QVERIFY(timer.elapsed() < 100);
}

void TestConnections::saveReloadDuplicateDeleteUndo()
{
    ConnectionStore store(file());
    {
        ConnectionDialog dialog(&store);
        dialog.show();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
        auto *form = dialog.findChild<ConnectionForm *>();
        auto *text = named<QLineEdit>(dialog, QStringLiteral("Address"));
        auto *list = dialog.findChild<QListView *>(QStringLiteral("connections"));
        text->insert(QStringLiteral("postgresql://app:hidden@db-1/shop"));
        QTest::keyClicks(named<QLineEdit>(dialog, QStringLiteral("Name")), QStringLiteral("My shop"));
        form->findChild<SegmentedTabs *>()->setCurrent(QStringLiteral("staging"));
        QTest::keyClick(&dialog, Qt::Key_S, Qt::ControlModifier);
        QCOMPARE(store.all().size(), std::size_t{1});
        QCOMPARE(list->currentIndex().data().toString(), QStringLiteral("My shop"));
        QVERIFY(!form->isModified());
        QCOMPARE(dialog.findChild<PasswordField *>()->text(), QStringLiteral("hidden")); // still there for this once

        QTest::keyClick(&dialog, Qt::Key_D, Qt::ControlModifier);
        QTest::keyClick(&dialog, Qt::Key_S, Qt::ControlModifier);
        QCOMPARE(store.all().size(), std::size_t{2});
        QCOMPARE(list->model()->rowCount(), 3);

        dialog.select(QString::fromStdString(store.all().back().id));
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Delete);
        QCOMPARE(list->model()->rowCount(), 2);
        QCOMPARE(store.all().size(), std::size_t{2}); // until the undo has gone
        button(dialog, QStringLiteral("Undo"))->click();
        QCOMPARE(list->model()->rowCount(), 3);
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Delete);
        dialog.accept();
        QCOMPARE(store.all().size(), std::size_t{1});
    }
    QVERIFY(contentOf(file()).find("hidden") == std::string::npos);
    ConnectionStore again(file());
    ConnectionDialog dialog(&again);
    QCOMPARE(dialog.findChild<ConnectionForm *>()->saved().environment, std::string("staging"));
    QCOMPARE(named<QLineEdit>(dialog, QStringLiteral("Host"))->text(), QStringLiteral("db-1"));
    QVERIFY(dialog.findChild<PasswordField *>()->text().isEmpty());
}

void TestConnections::connectSavesAndHandsOver()
{
    ConnectionStore store(file());
    ConnectionDialog dialog(&store);
    dialog.show();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    QSignalSpy wanted(&dialog, &ConnectionDialog::connectRequested);
    dialog.editNew(QStringLiteral("postgresql://app:hidden@db-1/shop"));
    QTest::keyClick(&dialog, Qt::Key_Return);
    QCOMPARE(wanted.count(), 1);
    const auto choice = wanted.first().first().value<ConnectionChoice>();
    QCOMPARE(choice.spec.password.value_or(""), std::string("hidden"));
    QVERIFY(choice.spec.conninfo.find("hidden") == std::string::npos);
    QVERIFY(!choice.saved.id.empty());
    QCOMPARE(store.all().size(), std::size_t{1});
    QVERIFY(!dialog.isVisible());
}

void TestConnections::changesAreNotLostBySelecting()
{
    ConnectionStore store(file());
    QVERIFY(store.save(saved("a", "host=a")));
    QVERIFY(store.save(saved("b", "host=b")));
    ConnectionDialog dialog(&store);
    dialog.show();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    auto *host = named<QLineEdit>(dialog, QStringLiteral("Host"));
    auto *list = dialog.findChild<QListView *>(QStringLiteral("connections"));
    QCOMPARE(host->text(), QStringLiteral("a"));
    QTest::keyClicks(host, QStringLiteral("-new"));
    QTest::keyClick(list, Qt::Key_Down);
    QCOMPARE(host->text(), QStringLiteral("b"));
    button(dialog, QStringLiteral("Bring them back"))->click();
    QCOMPARE(host->text(), QStringLiteral("a-new"));
    QCOMPARE(list->currentIndex().data().toString(), QStringLiteral("a"));
    // Esc asks once.
    QTest::keyClick(&dialog, Qt::Key_Escape);
    QVERIFY(dialog.isVisible());
    button(*dialog.findChild<Banner *>(), QStringLiteral("Save"))->click();
    QVERIFY(!dialog.isVisible());
    QCOMPARE(store.all().front().conninfo, std::string("host=a-new"));
}

void TestConnections::listSearchesAndKnowsTheDemo()
{
    ConnectionStore store(file());
    QVERIFY(store.save(saved("Shop", "host=db-1 dbname=shop", "production")));
    QVERIFY(store.save(saved("Billing", "host=db-2 dbname=money")));
    ConnectionDialog dialog(&store);
    dialog.show();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    auto *list = dialog.findChild<QListView *>(QStringLiteral("connections"));
    const QAbstractItemModelTester tester(list->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    auto *search = named<QLineEdit>(dialog, QStringLiteral("Search connections"));
    QTest::keyClick(&dialog, Qt::Key_F, Qt::ControlModifier);
    QVERIFY(search->hasFocus());
    QTest::keyClicks(search, QStringLiteral("prod shop"));
    QCOMPARE(list->model()->rowCount(), 2);
    QTest::keyClick(search, Qt::Key_Return);
    QVERIFY(dialog.isVisible());
    QCOMPARE(list->currentIndex().data().toString(), QStringLiteral("Shop"));
    QVERIFY(list->hasFocus());
    search->clear();
    QSignalSpy demo(&dialog, &ConnectionDialog::demoRequested);
    dialog.select(QStringLiteral("demo"));
    QVERIFY(button(dialog, QStringLiteral("Start the demo server")));
    button(dialog, QStringLiteral("Start the demo server"))->click();
    QCOMPARE(demo.count(), 1);
}

void TestConnections::promptAsks()
{
    PasswordPrompt prompt(QStringLiteral("shop @ db-1"), QStringLiteral("password authentication failed"));
    prompt.open();
    QSignalSpy entered(&prompt, &PasswordPrompt::entered);
    auto *password = prompt.findChild<QLineEdit *>();
    QCOMPARE(password->echoMode(), QLineEdit::Password);
    QTest::keyClicks(password, QStringLiteral("abc"));
    prompt.findChild<QCheckBox *>()->setChecked(true);
    QTest::keyClick(password, Qt::Key_Return);
    QCOMPARE(entered.count(), 1);
    QCOMPARE(entered.first().at(0).toString(), QStringLiteral("abc"));
    QVERIFY(entered.first().at(1).toBool());
    QVERIFY(!prompt.isVisible());
    prompt.setCanKeep(false, QStringLiteral("No keychain"));
    QVERIFY(!prompt.findChild<QCheckBox *>()->isEnabled());
}

QTEST_MAIN(TestConnections)
#include "tst_connections.moc"
