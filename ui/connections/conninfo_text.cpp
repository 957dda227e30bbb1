// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connections/conninfo_text.h"

#include <algorithm>

#include <QDir>
#include <QFile>
#include <QUrl>

#include "core/pg/connection_spec.h"

namespace howdah::ui {

namespace {

constexpr const char *well_known[] = {"service", "host", "hostaddr", "port", "dbname", "user"};

bool isSecret(const QString &keyword)
{
    return keyword == QLatin1StringView("password") || keyword == QLatin1StringView("sslpassword") ||
           keyword == QLatin1StringView("oauth_client_secret");
}

QString encoded(const std::string &text)
{
    return QString::fromLatin1(QUrl::toPercentEncoding(QString::fromStdString(text)));
}

QString decoded(const QString &text)
{
    return QUrl::fromPercentEncoding(text.toUtf8());
}

QStringList listOf(const Keywords &keywords, const char *keyword)
{
    const auto found = keywords.find(keyword);
    return found == keywords.end() ? QStringList() : QString::fromStdString(found->second).split(QLatin1Char(','));
}

/// "db-1:5432,db-2"; a socket folder and an address of IPv6 have forms of their own.
QString authority(const Keywords &keywords)
{
    const QStringList hosts = listOf(keywords, "host");
    const QStringList ports = listOf(keywords, "port");
    QStringList parts;
    for (qsizetype i = 0; i < std::max<qsizetype>(hosts.size(), 1); ++i) {
        const QString host = hosts.value(i);
        QString part = host.contains(QLatin1Char(':')) ? QStringLiteral("[%1]").arg(host) : encoded(host.toStdString());
        const QString port = ports.size() == 1 ? ports.front() : ports.value(i);
        if (!port.isEmpty())
            part += QLatin1Char(':') + port;
        parts << part;
    }
    return parts.join(QLatin1Char(','));
}

/// Where the pair "password = 'x'" begins and ends in a keyword/value string, and its value.
struct Pair {
    QString keyword;
    QString value;
    qsizetype begin = 0;
    qsizetype end = 0;
};

/// Splits as libpq does: blanks around =, quotes, backslashes.
QList<Pair> pairsOf(const QString &text)
{
    QList<Pair> pairs;
    qsizetype at = 0;
    const auto skipBlanks = [&] {
        while (at < text.size() && text[at].isSpace())
            ++at;
    };
    for (skipBlanks(); at < text.size(); skipBlanks()) {
        Pair pair;
        pair.begin = at;
        while (at < text.size() && text[at] != QLatin1Char('=') && !text[at].isSpace())
            pair.keyword += text[at++];
        skipBlanks();
        if (at >= text.size() || text[at] != QLatin1Char('='))
            return pairs; // libpq will say what is wrong with it
        ++at;
        skipBlanks();
        const bool quoted = at < text.size() && text[at] == QLatin1Char('\'');
        at += quoted ? 1 : 0;
        while (at < text.size() && (quoted ? text[at] != QLatin1Char('\'') : !text[at].isSpace())) {
            if (text[at] == QLatin1Char('\\') && at + 1 < text.size())
                ++at;
            pair.value += text[at++];
        }
        at = std::min(at + (quoted ? 1 : 0), text.size());
        pair.end = at;
        pairs << pair;
    }
    return pairs;
}

std::optional<QString> takeFromKeywords(QString &text)
{
    std::optional<QString> password;
    const QList<Pair> pairs = pairsOf(text);
    for (auto pair = pairs.rbegin(); pair != pairs.rend(); ++pair) {
        if (!isSecret(pair->keyword))
            continue;
        if (pair->keyword == QLatin1StringView("password") && !password)
            password = pair->value; // the last one counts
        qsizetype end = pair->end;
        while (end < text.size() && text[end].isSpace())
            ++end;
        text.remove(pair->begin, end - pair->begin);
        text = text.trimmed();
    }
    return password;
}

std::optional<QString> takeFromUri(QString &text)
{
    std::optional<QString> password;
    const qsizetype begin = text.indexOf(QLatin1StringView("://")) + 3;
    qsizetype at = begin;
    while (at < text.size() && text[at] != QLatin1Char('@') && text[at] != QLatin1Char('/'))
        ++at;
    if (at < text.size() && text[at] == QLatin1Char('@')) {
        if (const qsizetype colon = text.indexOf(QLatin1Char(':'), begin); colon >= 0 && colon < at) {
            password = decoded(text.mid(colon + 1, at - colon - 1));
            text.remove(colon, at - colon);
        }
    }
    const qsizetype question = text.indexOf(QLatin1Char('?'));
    if (question < 0)
        return password;
    QStringList kept;
    for (const QString &parameter : text.mid(question + 1).split(QLatin1Char('&'))) {
        const QString keyword = decoded(parameter.section(QLatin1Char('='), 0, 0));
        if (!isSecret(keyword))
            kept << parameter;
        else if (keyword == QLatin1StringView("password"))
            password = decoded(parameter.section(QLatin1Char('='), 1));
    }
    text.truncate(question);
    if (!kept.isEmpty())
        text += QLatin1Char('?') + kept.join(QLatin1Char('&'));
    return password;
}

void readServices(const QString &path, QStringList &names)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly | QIODevice::Text))
        return;
    constexpr qint64 most = 1024 * 1024;
    for (const QString &line : QString::fromUtf8(file.read(most)).split(QLatin1Char('\n'))) {
        const QString text = line.trimmed();
        if (text.size() > 2 && text.startsWith(QLatin1Char('[')) && text.endsWith(QLatin1Char(']')) && !names.contains(text.mid(1, text.size() - 2)))
            names << text.mid(1, text.size() - 2);
    }
}

} // namespace

bool isUri(const QString &text)
{
    return text.startsWith(QLatin1StringView("postgresql://")) || text.startsWith(QLatin1StringView("postgres://"));
}

QString toKeywords(const Keywords &keywords)
{
    QStringList parts;
    const auto add = [&](const std::string &keyword, const std::string &value) {
        parts << QString::fromStdString(keyword + "=" + pg::conninfoValue(value));
    };
    for (const char *keyword : well_known) {
        if (const auto found = keywords.find(keyword); found != keywords.end())
            add(found->first, found->second);
    }
    for (const auto &[keyword, value] : keywords) {
        if (std::find(std::begin(well_known), std::end(well_known), keyword) == std::end(well_known))
            add(keyword, value);
    }
    return parts.join(QLatin1Char(' '));
}

QString toUri(const Keywords &keywords)
{
    const auto value = [&](const char *keyword) {
        const auto found = keywords.find(keyword);
        return found == keywords.end() ? std::string() : found->second;
    };
    QString uri = QStringLiteral("postgresql://");
    if (!value("user").empty())
        uri += encoded(value("user")) + QLatin1Char('@');
    uri += authority(keywords);
    if (!value("dbname").empty())
        uri += QLatin1Char('/') + encoded(value("dbname"));
    QStringList parameters;
    for (const auto &[keyword, text] : keywords) {
        if (keyword != "user" && keyword != "host" && keyword != "port" && keyword != "dbname")
            parameters << QString::fromStdString(keyword) + QLatin1Char('=') + encoded(text);
    }
    if (!parameters.isEmpty())
        uri += QLatin1Char('?') + parameters.join(QLatin1Char('&'));
    const auto again = pg::describe(uri.toStdString());
    return again && *again == keywords ? uri : toKeywords(keywords);
}

std::optional<QString> takePassword(QString &text)
{
    const QString before = text;
    const auto meaning = pg::describe(before.toStdString());
    QString rest = before.trimmed();
    std::optional<QString> password = isUri(rest) ? takeFromUri(rest) : takeFromKeywords(rest);
    if (rest == before.trimmed())
        return std::nullopt;
    const auto after = pg::describe(rest.toStdString());
    // Where cutting changed the meaning, libpq's reading is written anew.
    if (meaning && (!after || *after != *meaning))
        rest = QString::fromStdString(pg::withoutPassword(before.toStdString()));
    text = rest;
    return password;
}

QStringList serviceNames()
{
    QStringList names;
    const QString named = qEnvironmentVariable("PGSERVICEFILE");
    readServices(named.isEmpty() ? QDir::home().filePath(QStringLiteral(".pg_service.conf")) : named, names);
    const QString system = qEnvironmentVariable("PGSYSCONFDIR", QStringLiteral("/etc/postgresql-common"));
    readServices(QDir(system).filePath(QStringLiteral("pg_service.conf")), names);
    return names;
}

} // namespace howdah::ui
