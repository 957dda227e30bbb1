// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>

#include <QString>
#include <QStringList>

// The two ways in which people write where to connect, and back. Reading is libpq's own work (core/pg describe()).

namespace howdah::ui {

using Keywords = std::map<std::string, std::string>;

[[nodiscard]] bool isUri(const QString &text);
/// "host=db-1 dbname=shop", the well-known keywords first.
[[nodiscard]] QString toKeywords(const Keywords &keywords);
/// "postgresql://app@db-1:5432/shop?sslmode=require"; keywords where a URI cannot say it.
[[nodiscard]] QString toUri(const Keywords &keywords);

/// Takes every password out of the text, whichever form it has, and returns the one of the user. What libpq reads
/// from the rest stays the same. Nullopt: there was none.
std::optional<QString> takePassword(QString &text);

/// Names of the services in the files libpq looks at (PGSERVICEFILE or ~/.pg_service.conf, then
/// PGSYSCONFDIR/pg_service.conf).
[[nodiscard]] QStringList serviceNames();

} // namespace howdah::ui
