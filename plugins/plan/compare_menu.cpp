// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/plan/compare_menu.h"

#include <QApplication>
#include <QDateTime>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QLocale>
#include <QThreadPool>

#include "core/base/human.h"
#include "ui/base/bridge.h"
#include "ui/base/palette.h"
#include "ui/plan/plan_compare.h"

namespace howdah::plan_tool {

using namespace howdah::ui;

namespace {

constexpr std::int64_t most_runs = 12;

} // namespace

QString runTitle(const plan::HistoryEntry &entry)
{
    const QDateTime at = QDateTime::fromMSecsSinceEpoch(entry.at_ms);
    const bool today = at.date() == QDate::currentDate();
    const QString time = today ? at.time().toString(QStringLiteral("HH:mm:ss")) : QLocale().toString(at, QLocale::ShortFormat);
    return entry.execution_ms ? CompareMenu::tr("%1, %2").arg(time, QString::fromStdString(human::duration(*entry.execution_ms)))
                              : CompareMenu::tr("%1, planned only").arg(time);
}

void readPlans(QObject *receiver, std::vector<std::string> sources, std::function<void(const PlanDocuments &)> done)
{
    const auto accept = onGui<PlanDocuments>(receiver, std::move(done));
    QThreadPool::globalInstance()->start([sources = std::move(sources), accept] {
        std::vector<std::shared_ptr<const PlanDocument>> documents;
        for (const std::string &source : sources) {
            auto read = readPlanDocument(source);
            if (!read) {
                accept(tl::unexpected(std::move(read.error())));
                return;
            }
            documents.push_back(std::move(*read));
        }
        accept(std::move(documents));
    });
}

CompareMenu::CompareMenu(ToolContext *context, OpenPlans *open, JudgedView *view)
    : QMenu(view), context_(context), open_(open), view_(view)
{
    setTitle(tr("Compare with…"));
    connect(view_, &JudgedView::judgedShown, this, &CompareMenu::readHistory);
    connect(view_, &PlanView::planShown, this, &CompareMenu::readHistory);
    connect(this, &QMenu::aboutToShow, this, &CompareMenu::fill);
}

void CompareMenu::readHistory()
{
    const std::string statement = view_->statement();
    runs_.clear();
    const quint64 request = ++request_;
    if (statement.empty())
        return;
    using Runs = std::vector<plan::HistoryEntry>;
    const auto accept = onGui<Runs>(this, [this, request](const Runs &runs) {
        if (request == request_)
            runs_ = runs;
    });
    QThreadPool::globalInstance()->start([statement, accept] {
        const auto history = plan::History::open(plan::History::defaultFile());
        if (!history)
            return;
        if (auto runs = (*history)->entries(plan::historyFingerprint(statement), most_runs))
            accept(std::move(*runs));
    });
}

void CompareMenu::fill()
{
    clear();
    addSection(tr("Runs of this statement before"));
    int shown = 0;
    for (const plan::HistoryEntry &run : runs_) {
        // The run that is shown is in the history too.
        if (run.source.empty() || (view_->document() != nullptr && run.source == view_->document()->source))
            continue;
        QAction *action = addAction(run.flip ? tr("%1 (changed its shape)").arg(runTitle(run)) : runTitle(run));
        connect(action, &QAction::triggered, this, [this, run] { withRun(run); });
        ++shown;
    }
    if (shown == 0)
        addAction(tr("None yet"))->setEnabled(false);
    const QList<JudgedView *> others = open_->others(view_);
    if (!others.isEmpty())
        addSection(tr("Open plans"));
    for (JudgedView *other : others) {
        QAction *action = addAction(other->title());
        connect(action, &QAction::triggered, this, [this, other = QPointer<JudgedView>(other)] {
            if (!other.isNull())
                with(other->side(), other->title());
        });
    }
    addSeparator();
    QAction *file = addAction(ui::icon(QStringLiteral("open")), tr("A file…"));
    connect(file, &QAction::triggered, this, &CompareMenu::withFile);
}

void CompareMenu::withRun(const plan::HistoryEntry &run)
{
    readPlans(this, {run.source}, [this, title = runTitle(run)](const PlanDocuments &read) {
        if (read)
            with({read->front(), 0}, title);
        else
            context_->reportError(tr("The plan in the history could not be read."), read.error());
    });
}

void CompareMenu::withFile()
{
    auto *dialog = new QFileDialog(view_->window(), tr("Compare with a plan"), {},
                                   tr("Plans and logs (*.json *.txt *.xml *.yaml *.yml *.plan *.log *.csv);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        using Read = Result<std::shared_ptr<const PlanDocument>>;
        const auto accept = onGui<Read>(this, [this, path](const Read &read) {
            if (read && !(*read)->plans.empty())
                with({*read, 0}, QFileInfo(path).fileName());
            else
                context_->reportError(tr("No plan was found in %1.").arg(path), read ? Error() : read.error());
        });
        QThreadPool::globalInstance()->start([path, accept] {
            QFile file(path);
            if (file.open(QIODevice::ReadOnly))
                accept(readPlanDocument(file.readAll().toStdString()));
            else
                accept(fail(ErrorKind::Io, file.errorString().toStdString()));
        });
    });
    dialog->open();
}

void CompareMenu::with(const PlanSide &before, const QString &title)
{
    if (!before.empty() && !view_->side().empty())
        show(context_, before, title, view_->side(), view_->title());
}

void CompareMenu::show(ToolContext *context, const PlanSide &before, const QString &before_title, const PlanSide &after,
                       const QString &after_title)
{
    auto *page = new PlanCompare;
    page->setSides(before, before_title, after, after_title);
    static int number = 0; // each comparison has a page of its own
    context->openPage(QStringLiteral("plan.compare.%1").arg(++number), tr("Compare plans"), QStringLiteral("plan"), page);
}

} // namespace howdah::plan_tool
