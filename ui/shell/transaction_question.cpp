// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/transaction_question.h"

#include <algorithm>
#include <memory>

#include <QCoreApplication>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>

#include "ui/shell/sql_page.h"

namespace howdah::ui {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("TransactionQuestion", text);
}

using Open = QList<QPointer<SqlPage>>;

void endAll(const Open &pages, bool commit, const std::function<void()> &then)
{
    auto left = std::make_shared<qsizetype>(pages.size());
    for (const QPointer<SqlPage> &page : pages) {
        const auto ended = [left, then] {
            if (--*left == 0)
                then();
        };
        page ? page->endTransaction(commit, ended) : ended();
    }
}

} // namespace

void askAboutTransactions(QWidget *window, const QList<SqlPage *> &pages, const QString &title, std::function<void()> then)
{
    Open open;
    QStringList lines;
    bool failed = false;
    for (SqlPage *page : pages) {
        if (!page->runner()->hasOpenTransaction())
            continue;
        open << page;
        Tone tone = Tone::Neutral;
        lines << QStringLiteral("“%1”: %2").arg(page->title(), page->transactionText(tone));
        failed = failed || page->runner()->transaction() == pg::TransactionState::InFailedTransaction;
    }
    if (open.isEmpty()) {
        then();
        return;
    }
    auto *question = new QMessageBox(QMessageBox::Warning, title, open.size() == 1 ? tr("A transaction is open.") : tr("Transactions are open."),
                                     QMessageBox::NoButton, window);
    question->setObjectName(QStringLiteral("transactions"));
    question->setAttribute(Qt::WA_DeleteOnClose);
    QString details = lines.join(QLatin1Char('\n')) + QStringLiteral("\n\n") + tr("Rolling back undoes all that was done in it.");
    if (failed)
        details += QLatin1Char('\n') + tr("A statement in it failed: it can only be rolled back.");
    question->setInformativeText(details);
    QPushButton *commit = failed ? nullptr : question->addButton(tr("Commit"), QMessageBox::AcceptRole);
    QPushButton *rollback = question->addButton(tr("Roll back"), QMessageBox::DestructiveRole);
    QPushButton *keep = question->addButton(tr("Keep it open"), QMessageBox::RejectRole);
    question->setDefaultButton(keep);
    question->setEscapeButton(keep);
    if (commit != nullptr)
        QObject::connect(commit, &QPushButton::clicked, window, [open, then] { endAll(open, true, then); });
    QObject::connect(rollback, &QPushButton::clicked, window, [open, then] { endAll(open, false, then); });
    question->open();
}

} // namespace howdah::ui
