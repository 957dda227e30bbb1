// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <csignal>
#include <filesystem>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <thread>
#include <unistd.h>

#include <QProcess>
#include <QTemporaryDir>

#include "core/pg/ssh_tunnel.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::pg;

#define VERIFY_DONE(outcome) QVERIFY2(outcome, outcome ? "" : (outcome).error().text().c_str())

/// Against a real sshd of our own on a port of this machine, with keys made for the occasion.
class TestSshTunnel : public QObject
{
    Q_OBJECT

    QTemporaryDir folder_;
    QProcess sshd_;
    SshTarget target_;
    std::string conninfo_;
    QString account_ = qEnvironmentVariable("USER", QStringLiteral("root"));

    QString path(const char *name) const { return folder_.filePath(QLatin1String(name)); }
    void write(const char *name, const QByteArray &text) const
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }
    static void runTool(const QString &program, const QStringList &arguments)
    {
        QProcess process;
        process.start(program, arguments);
        QVERIFY2(process.waitForFinished() && process.exitCode() == 0, process.readAllStandardError().constData());
    }
    /// That port of this machine, or any for 0; 0 when it is taken.
    static quint16 bindable(quint16 port)
    {
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        const bool bound = ::bind(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
        socklen_t size = sizeof address;
        ::getsockname(socket, reinterpret_cast<sockaddr *>(&address), &size);
        ::close(socket);
        return bound ? ntohs(address.sin_port) : quint16{0};
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (geteuid() == 0)
            std::filesystem::create_directories("/run/sshd"); // where it drops its privileges to
        account_ = geteuid() == 0 ? QStringLiteral("root") : account_;
        for (const char *key : {"host_key", "user_key", "other_key"})
            runTool(QStringLiteral("ssh-keygen"), {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ed25519"), QStringLiteral("-N"), QString(), QStringLiteral("-f"), path(key)});
        QVERIFY(QFile::copy(path("user_key.pub"), path("authorized_keys")));
        const quint16 port = bindable(0);
        write("sshd_config", QStringLiteral("Port %1\nListenAddress 127.0.0.1\nHostKey %2\nAuthorizedKeysFile %3\nStrictModes no\nUsePAM no\nPidFile none\n"
                                            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\nAllowTcpForwarding yes\nAllowStreamLocalForwarding yes\n")
                                 .arg(port).arg(path("host_key"), path("authorized_keys")).toUtf8());
        QFile host_key(path("host_key.pub"));
        QVERIFY(host_key.open(QIODevice::ReadOnly));
        write("known_hosts", "[127.0.0.1]:" + QByteArray::number(port) + ' ' + host_key.readAll());
        sshd_.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        sshd_.start(QStringLiteral("/usr/sbin/sshd"), {QStringLiteral("-D"), QStringLiteral("-e"), QStringLiteral("-q"), QStringLiteral("-f"), path("sshd_config")});
        QVERIFY(sshd_.waitForStarted());
        target_.destination = account_.toStdString() + "@127.0.0.1";
        target_.port = port;
        target_.identity_file = path("user_key").toStdString();
        target_.options = {"UserKnownHostsFile=" + path("known_hosts").toStdString(), "IdentitiesOnly=yes", "IdentityAgent=none"};
        conninfo_ = test::freshDatabase();
        QTest::qWait(300);
    }

    void cleanupTestCase()
    {
        sshd_.terminate();
        sshd_.waitForFinished();
    }

    void connectsThroughIt()
    {
        ConnectionSpec spec;
        spec.conninfo = conninfo_;
        spec.ssh = target_;
        auto connection = Connection::open(spec);
        VERIFY_DONE(connection);
        const auto address = (*connection)->query("select 40 + 2");
        VERIFY_DONE(address);
        QCOMPARE(address->result->cell(0, 0).text, std::string_view("42"));
        // Cancelling goes the same way.
        const Canceller canceller = (*connection)->canceller();
        std::jthread later([canceller] {
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
            canceller.cancel();
        });
        const auto slept = (*connection)->query("select pg_sleep(60)");
        QVERIFY(!slept);
        QCOMPARE(slept.error().kind, ErrorKind::Cancelled);
    }

    void isSharedAndEnds()
    {
        const auto keywords = describe(conninfo_);
        const std::string host = keywords->at("host");
        const std::string port = keywords->at("port");
        auto first = SshTunnel::open(target_, host, port, {});
        VERIFY_DONE(first);
        auto second = SshTunnel::open(target_, host, port, {});
        VERIFY_DONE(second);
        QCOMPARE((*first).get(), (*second).get());
        const std::string local = (*first)->localPort();
        first = fail(ErrorKind::Usage, "");
        QVERIFY((*second)->isAlive());
        second = fail(ErrorKind::Usage, "");
        QTRY_VERIFY(bindable(static_cast<quint16>(std::stoi(local))) != 0);
    }

    void aDeadOneIsReplaced()
    {
        ConnectionSpec spec;
        spec.conninfo = conninfo_;
        spec.ssh = target_;
        auto connection = Connection::open(spec);
        VERIFY_DONE(connection);
        runTool(QStringLiteral("pkill"), {QStringLiteral("-f"), QStringLiteral("ssh -N -T .*IdentityAgent=none.*") + QString::fromStdString(describe(conninfo_)->at("port"))});
        QTRY_VERIFY(!(*connection)->query("select 1"));
        VERIFY_DONE((*connection)->reconnect());
        VERIFY_DONE((*connection)->query("select 1"));
    }

    void failuresAreExplained()
    {
        SshTarget wrong = target_;
        wrong.identity_file = path("other_key").toStdString();
        auto refused = SshTunnel::open(wrong, "localhost", "5432", {});
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Connection);
        QVERIFY2(refused.error().detail.find("Permission denied") != std::string::npos, refused.error().detail.c_str());
        QVERIFY(!refused.error().hint.empty());
        wrong = target_;
        wrong.options[0] = "UserKnownHostsFile=/dev/null";
        refused = SshTunnel::open(wrong, "localhost", "5432", {});
        QVERIFY2(refused.error().detail.find("Host key verification failed") != std::string::npos, refused.error().detail.c_str());
        wrong = target_;
        wrong.port = bindable(0);
        QVERIFY(!SshTunnel::open(wrong, "localhost", "5432", {}));
        wrong.destination = "-oProxyCommand=touch /tmp/never";
        QCOMPARE(SshTunnel::open(wrong, "localhost", "5432", {}).error().kind, ErrorKind::Usage);
    }

    void targetsAreRead()
    {
        QCOMPARE(parseSshTarget("ann@bastion:2222")->destination, std::string("ann@bastion"));
        QCOMPARE(parseSshTarget("ann@bastion:2222")->port, 2222);
        QCOMPARE(parseSshTarget("bastion")->port, 0);
        QCOMPARE(parseSshTarget("[::1]:22")->destination, std::string("::1"));
        QVERIFY(!parseSshTarget(""));
        QVERIFY(!parseSshTarget("-oX"));
        QVERIFY(!parseSshTarget("a:b"));
        const auto arguments = sshArguments(target_, "1000", "db.example", "");
        QVERIFY(std::find(arguments.begin(), arguments.end(), "127.0.0.1:1000:db.example:5432") != arguments.end());
    }
};

QTEST_GUILESS_MAIN(TestSshTunnel)
#include "tst_ssh_tunnel.moc"
