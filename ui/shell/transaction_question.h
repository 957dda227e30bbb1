// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QList>
#include <QString>

class QWidget;

namespace howdah::ui {

class SqlPage;

/// Asks what becomes of the open transactions of these pages: commit, roll back, or keep. `then` is called when none is
/// open any more, at once when there was none; never when the user keeps them or one could not be ended (its page
/// says why). A transaction is never ended without the answer.
void askAboutTransactions(QWidget *window, const QList<SqlPage *> &pages, const QString &title, std::function<void()> then);

} // namespace howdah::ui
