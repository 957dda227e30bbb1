// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/pages.h"

#include <algorithm>

#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QMessageBox>
#include <QPushButton>

#include "core/base/paths.h"
#include "core/workspace/connections.h"
#include "ui/base/palette.h"
#include "ui/editor/sql_editor.h"
#include "ui/settings/settings.h"
#include "ui/shell/buffer_keeper.h"
#include "ui/shell/document_tabs.h"
#include "ui/shell/history_keeper.h"
#include "ui/shell/link.h"
#include "ui/shell/sql_page.h"
#include "ui/shell/transaction_question.h"

namespace howdah::ui {

namespace {
// Well under the second that a crash may cost at most.
constexpr int keep_after_ms = 400;
/// The page that was in front, by its buffer's id.
const QString front_key = QStringLiteral("pages/front");
constexpr std::size_t closed_pages_kept = 20;
} // namespace

Pages::Pages(DocumentTabs *tabs, ActionRegistry *actions, QObject *parent)
    : QObject(parent), tabs_(tabs), actions_(actions),
      keeper_(std::make_unique<BufferKeeper>(paths::data() / "buffers.sqlite")),
      history_(std::make_unique<HistoryKeeper>(paths::data() / "statements.sqlite"))
{
    keep_timer_.setSingleShot(true);
    keep_timer_.setInterval(keep_after_ms);
    connect(&keep_timer_, &QTimer::timeout, this, [this] {
        const QList<SqlPage *> waiting = std::exchange(unkept_, {});
        for (SqlPage *page : waiting)
            keep(page);
    });
    connect(keeper_.get(), &BufferKeeper::failed, this, [this](const Error &error) {
        Q_EMIT failed(tr("What you type cannot be kept safe right now."), QString::fromStdString(error.text()));
    });
    connect(history_.get(), &HistoryKeeper::failed, this, [this](const Error &error) {
        Q_EMIT failed(tr("What you run cannot be recorded right now."), QString::fromStdString(error.text()));
    });
    connect(tabs_, &QTabWidget::currentChanged, this, [this] {
        if (SqlPage *page = currentSql())
            last_sql_ = page;
        if (const SqlPage *page = currentSql())
            Settings::instance().remember(front_key, QString::fromStdString(page->id()));
        Q_EMIT currentChanged();
    });
    connect(tabs_, &DocumentTabs::closeRequested, this, &Pages::close);
    connect(tabs_, &DocumentTabs::renameRequested, this, &Pages::rename);
    connect(tabs_, &DocumentTabs::orderChanged, this, [this] {
        for (SqlPage *page : sqlPages())
            keepLater(page);
    });
}

Pages::~Pages() = default;

void Pages::restore(std::function<void()> done)
{
    keeper_->load([this, done = std::move(done)](const std::vector<workspace::Buffer> &buffers) {
        const QString front = Settings::instance().remembered(front_key).toString();
        SqlPage *shown = nullptr;
        for (const workspace::Buffer &buffer : buffers) {
            auto *page = new SqlPage(actions_, tabs_);
            page->setBuffer(buffer);
            add(page, page->title());
            if (shown == nullptr || QString::fromStdString(buffer.id) == front)
                shown = page;
        }
        show(shown); // with the keyboard in it: one goes on typing where one stopped
        done();
    });
}

QString Pages::freeTitle() const
{
    for (int number = 1;; ++number) {
        const QString title = tr("Query %1").arg(number);
        const auto pages = sqlPages();
        if (std::none_of(pages.begin(), pages.end(), [&](const SqlPage *page) { return page->title() == title; }))
            return title;
    }
}

SqlPage *Pages::newSql(const QString &title, const QString &text, const std::shared_ptr<Link> &link)
{
    auto *page = new SqlPage(actions_, tabs_);
    workspace::Buffer buffer;
    buffer.title = (title.isEmpty() ? freeTitle() : title).toStdString();
    buffer.text = text.toStdString();
    page->setBuffer(buffer);
    add(page, page->title());
    page->setLink(link);
    show(page);
    keepLater(page);
    return page;
}

void Pages::add(SqlPage *page, const QString &title)
{
    page->setHistory(history_.get());
    tabs_->addTab(page, icon(QStringLiteral("sql")), title);
    connect(page, &SqlPage::edited, this, [this, page] { keepLater(page); });
    connect(page, &SqlPage::aboutToRun, this, [this, page] { keep(page); });
    connect(page, &SqlPage::titleChanged, this, [this, page] { refreshTitle(page); });
    connect(page, &SqlPage::statusChanged, this, [this, page] { Q_EMIT statusChanged(page); });
    connect(page, &SqlPage::connectRequested, this, &Pages::connectRequested);
    connect(page, &SqlPage::ddlFinished, this, [this, page] { Q_EMIT ddlFinished(page); });
    refreshTitle(page);
    Q_EMIT sqlPageAdded(page);
}

void Pages::refreshTitle(SqlPage *page)
{
    tabs_->setTitle(page, page->title(), page->isModified(),
                    page->file().isEmpty() ? tr("%1 · kept by Howdah until you close it").arg(page->title())
                                           : page->file());
}

SqlPage *Pages::openFile(const QString &path, const std::shared_ptr<Link> &link)
{
    const QString absolute = QFileInfo(path).absoluteFilePath();
    for (SqlPage *page : sqlPages()) {
        if (page->file() == absolute) {
            show(page);
            return page;
        }
    }
    QFile file(absolute);
    if (!file.open(QIODevice::ReadOnly)) {
        Q_EMIT failed(tr("Cannot open %1.").arg(path), file.errorString());
        return nullptr;
    }
    SqlPage *blank = currentSql();
    SqlPage *page = blank != nullptr && blank->isBlank() ? blank : newSql({}, {}, link);
    return page->openFile(absolute) ? page : nullptr;
}

void Pages::openTool(const QString &id, const QString &title, const QString &icon_name, QWidget *page)
{
    QWidget *present = tool(id);
    if (present != nullptr && present != page && page != nullptr) {
        const int index = tabs_->indexOf(present);
        tabs_->removeTab(index);
        present->deleteLater();
        tabs_->insertTab(index, page, icon(icon_name), title);
    } else if (present == nullptr) {
        tabs_->addTab(page, icon(icon_name), title);
    }
    if (page != nullptr) {
        tools_.insert(id, {page, icon_name});
        tabs_->setTabText(tabs_->indexOf(page), title);
    }
    show(tool(id));
}

QList<Pages::Open> Pages::open() const
{
    QList<Open> all;
    for (int i = 0; i < tabs_->count(); ++i) {
        QWidget *page = tabs_->widget(i);
        if (const auto *sql = qobject_cast<SqlPage *>(page))
            all.append({page, sql->title(), QStringLiteral("sql")});
        else if (const QString id = toolOf(page); !id.isEmpty())
            all.append({page, tabs_->tabText(i), tools_.value(id).icon_name});
    }
    return all;
}

QString Pages::toolOf(QWidget *page) const
{
    for (auto tool = tools_.begin(); tool != tools_.end(); ++tool) {
        if (tool->page == page)
            return tool.key();
    }
    return {};
}

QWidget *Pages::current() const
{
    return tabs_->currentWidget();
}

SqlPage *Pages::currentSql() const
{
    return qobject_cast<SqlPage *>(tabs_->currentWidget());
}

SqlPage *Pages::lastSql() const
{
    const auto pages = sqlPages();
    return pages.contains(last_sql_.data()) ? last_sql_.data() : pages.isEmpty() ? nullptr : pages.last();
}

QList<SqlPage *> Pages::sqlPages() const
{
    QList<SqlPage *> pages;
    for (int i = 0; i < tabs_->count(); ++i) {
        if (auto *page = qobject_cast<SqlPage *>(tabs_->widget(i)))
            pages << page;
    }
    return pages;
}

void Pages::show(QWidget *page)
{
    if (page == nullptr)
        return;
    tabs_->setCurrentWidget(page);
    page->setFocus();
}

int Pages::positionOf(QWidget *page) const
{
    return tabs_->indexOf(page);
}

void Pages::keep(SqlPage *page)
{
    workspace::Buffer buffer = page->buffer();
    buffer.position = positionOf(page);
    keeper_->save(std::move(buffer));
}

void Pages::keepLater(SqlPage *page)
{
    if (!unkept_.contains(page))
        unkept_ << page;
    // Not started anew by the next key: somebody who types without a pause is kept safe too.
    if (!keep_timer_.isActive())
        keep_timer_.start();
}

void Pages::keepAll()
{
    unkept_.clear();
    for (SqlPage *page : sqlPages())
        keep(page);
}

void Pages::close(QWidget *page)
{
    auto *sql = qobject_cast<SqlPage *>(page);
    if (sql == nullptr)
        closeNow(page);
    else if (sql->runner()->isBusy())
        askThenClose(sql, tr("“%1” is still running.").arg(sql->title()),
                     sql->runner()->hasOpenTransaction() ? tr("Closing it cancels the statement and rolls back the open transaction.")
                                                        : tr("Closing it cancels the statement on the server."));
    else if (sql->runner()->hasOpenTransaction())
        askAboutTransactions(tabs_->window(), {sql}, tr("Close page"), [this, sql = QPointer<SqlPage>(sql)] {
            if (sql)
                closeNow(sql);
        });
    else
        closeNow(page);
}

void Pages::askThenClose(SqlPage *page, const QString &what, const QString &consequence)
{
    show(page);
    auto *question = new QMessageBox(QMessageBox::Warning, tr("Close page"), what, QMessageBox::Cancel, tabs_->window());
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setInformativeText(consequence);
    QPushButton *yes = question->addButton(tr("Close anyway"), QMessageBox::DestructiveRole);
    connect(yes, &QPushButton::clicked, page, [this, page] { closeNow(page); });
    question->open();
}

void Pages::closeNow(QWidget *page)
{
    const int index = tabs_->indexOf(page);
    if (index < 0)
        return;
    if (auto *sql = qobject_cast<SqlPage *>(page)) {
        unkept_.removeAll(sql);
        workspace::Buffer buffer = sql->buffer();
        keeper_->remove(buffer.id);
        if (!sql->isBlank()) {
            closed_.push_back(std::move(buffer));
            if (closed_.size() > closed_pages_kept)
                closed_.erase(closed_.begin());
        }
    } else {
        tools_.remove(toolOf(page));
    }
    tabs_->removeTab(index);
    page->deleteLater();
    Q_EMIT currentChanged();
}

void Pages::reopen()
{
    if (closed_.empty())
        return;
    auto *page = new SqlPage(actions_, tabs_);
    page->setBuffer(closed_.back());
    closed_.pop_back();
    add(page, page->title());
    show(page);
    keepLater(page);
}

void Pages::rename(QWidget *page)
{
    auto *sql = qobject_cast<SqlPage *>(page);
    if (sql == nullptr)
        return;
    auto *dialog = new QInputDialog(tabs_->window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Rename page"));
    dialog->setLabelText(tr("Name of the page:"));
    dialog->setTextValue(sql->title());
    connect(dialog, &QInputDialog::textValueSelected, sql, [sql](const QString &name) {
        if (!name.trimmed().isEmpty())
            sql->setTitle(name.trimmed());
    });
    dialog->open();
}

void Pages::save(SqlPage *page)
{
    if (page->file().isEmpty())
        saveAs(page);
    else
        page->saveFile(page->file());
}

void Pages::saveAs(SqlPage *page)
{
    const QString suggested = page->file().isEmpty() ? page->title() + QStringLiteral(".sql") : page->file();
    auto *dialog = new QFileDialog(tabs_->window(), tr("Save SQL"), suggested, tr("SQL (*.sql);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("sql"));
    connect(dialog, &QFileDialog::fileSelected, page, &SqlPage::saveFile);
    dialog->open();
}

} // namespace howdah::ui
