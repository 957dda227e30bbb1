// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/sql_page.h"

#include <utility>

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSaveFile>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/workspace/connections.h"
#include "ui/actions/action_registry.h"
#include "ui/base/banner.h"
#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/editor/completion_session.h"
#include "ui/editor/find_bar.h"
#include "ui/editor/lint_marks.h"
#include "ui/editor/parameter_bar.h"
#include "ui/editor/second_view.h"
#include "ui/editor/sql_editor.h"
#include "ui/grid/messages_pane.h"
#include "ui/grid/results_pane.h"
#include "ui/shell/link.h"
#include "ui/shell/lint_snapshot.h"
#include "ui/shell/page_document.h"

namespace howdah::ui {

namespace {

const QString result_id = QStringLiteral("result");
const QString messages_id = QStringLiteral("messages");
constexpr int elapsed_tick_ms = 100;
constexpr int least_editor_height = 120;

} // namespace

SqlPage::SqlPage(ActionRegistry *actions, QWidget *parent)
    : QWidget(parent), document_(std::make_unique<PageDocument>(this)), runner_(new SqlRunner(this)),
      id_(workspace::newId())
{
    buildLayout(actions);
    connectRunner();
    elapsed_.setInterval(elapsed_tick_ms);
    connect(&elapsed_, &QTimer::timeout, this, &SqlPage::refreshElapsed);
    connect(editor_, &SqlEditor::textChanged, this, [this] {
        text_moved_ = true;
        Q_EMIT edited();
        Q_EMIT titleChanged();
    });
    connect(editor_, &SqlEditor::cursorMoved, this, [this](int line, int column, int selected) {
        place_ = selected > 0 ? tr("Line %1, column %2 · %n selected", nullptr, selected).arg(line).arg(column)
                              : tr("Line %1, column %2").arg(line).arg(column);
        Q_EMIT statusChanged();
    });
    refreshState();
}

SqlPage::~SqlPage() = default;

void SqlPage::buildLayout(ActionRegistry *actions)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildToolbar(actions));
    layout->addWidget(hairline(this));
    banner_ = new Banner(this);
    layout->addWidget(banner_);
    transaction_banner_ = new Banner(this);
    layout->addWidget(transaction_banner_);
    splitter_ = new QSplitter(Qt::Vertical, this);
    auto *top = new QWidget(splitter_);
    auto *top_layout = new QVBoxLayout(top);
    top_layout->setContentsMargins(0, 0, 0, 0);
    top_layout->setSpacing(0);
    editors_ = new QSplitter(Qt::Horizontal, top);
    editors_->setChildrenCollapsible(false);
    editor_ = new SqlEditor(editors_);
    new LintMarks(*editor_); // the editor's
    find_bar_ = new FindBar(editor_, top);
    find_bar_->hide();
    top_layout->addWidget(find_bar_);
    parameter_bar_ = new ParameterBar(top);
    parameter_bar_->hide();
    connect(parameter_bar_, &ParameterBar::runRequested, this, [this] {
        if (const auto then = std::exchange(asked_then_, {}))
            then();
        else
            run(asked_scope_);
    });
    connect(parameter_bar_, &ParameterBar::switchedOff, this, [this] { setAsksParameters(false); });
    top_layout->addWidget(parameter_bar_);
    top_layout->addWidget(editors_, 1);
    splitter_->addWidget(top);
    splitter_->addWidget(buildPanes());
    splitter_->setChildrenCollapsible(false);
    splitter_->setStretchFactor(0, 2);
    splitter_->setStretchFactor(1, 3);
    splitter_->setSizes({240, 400});
    layout->addWidget(splitter_, 1);
    setFocusProxy(editor_);
}

QWidget *SqlPage::buildToolbar(ActionRegistry *actions)
{
    auto *bar = new QFrame(this);
    bar->setProperty("role", QStringLiteral("panel"));
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(spacing::control, spacing::unit, spacing::control, spacing::unit);
    layout->setSpacing(spacing::unit);
    const auto add = [bar, layout](QAction *action) {
        auto *button = new QToolButton(bar);
        button->setDefaultAction(action);
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setAccessibleName(action->text());
        layout->insertWidget(layout->count() - 2, button); // before the stretch and the transaction
    };
    layout->addStretch(1);
    layout->addWidget(buildTransactionChip(bar));
    for (QAction *action : actions->onSqlToolbar())
        add(action);
    // Tools register theirs after the first paint.
    connect(actions, &ActionRegistry::added, bar, [add](QAction *action) {
        if (ActionRegistry::specOf(action).on_sql_toolbar)
            add(action);
    });
    return bar;
}

QWidget *SqlPage::buildPanes()
{
    auto *bottom = new QWidget(splitter_);
    auto *layout = new QVBoxLayout(bottom);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QFrame(bottom);
    bar->setProperty("role", QStringLiteral("panel"));
    auto *bar_layout = new QHBoxLayout(bar);
    bar_layout->setContentsMargins(spacing::control, 6, spacing::control, 6);
    tabs_ = new SegmentedTabs(SegmentedTabs::Look::Buttons, bar);
    bar_layout->addWidget(tabs_);
    bar_layout->addStretch(1);
    activity_ = new QLabel(bar);
    activity_->setProperty("role", QStringLiteral("dim"));
    stop_ = new QPushButton(icon(QStringLiteral("stop")), tr("Cancel"), bar);
    stop_->setToolTip(tr("Ask the server to stop (Esc)"));
    connect(stop_, &QPushButton::clicked, runner_, &SqlRunner::cancel);
    bar_layout->addWidget(activity_);
    bar_layout->addWidget(stop_);
    layout->addWidget(bar);
    layout->addWidget(hairline(bottom));
    stack_ = new QStackedWidget(bottom);
    layout->addWidget(stack_, 1);
    connect(tabs_, &SegmentedTabs::currentChanged, this, &SqlPage::showPane);

    results_ = new ResultsPane(stack_);
    addPane(result_id, tr("Result"), results_);
    messages_ = new MessagesPane(stack_);
    addPane(messages_id, tr("Messages"), messages_);
    showPane(result_id);
    connect(results_, &ResultsPane::summaryChanged, this, [this](const QString &text) {
        summary_ = text;
        Q_EMIT statusChanged();
    });
    connect(messages_, &MessagesPane::countsChanged, this, &SqlPage::refreshMessageCount);
    connect(messages_, &MessagesPane::statementActivated, this, [this](ByteSpan span) {
        editor_->select(span);
        editor_->setFocus();
    });
    connect(messages_, &MessagesPane::errorActivated, this, [this](ByteOffset at) {
        editor_->setCursor(at);
        editor_->setFocus();
    });
    return bottom;
}

void SqlPage::addPane(const QString &id, const QString &title, QWidget *widget)
{
    QWidget *old = panes_.value(id);
    if (old == widget)
        return;
    stack_->addWidget(widget);
    panes_.insert(id, widget);
    if (old != nullptr) {
        stack_->removeWidget(old);
        old->deleteLater();
    } else {
        tabs_->addSegment(id, title);
        if (id != result_id && id != messages_id)
            makeRoom();
    }
}

void SqlPage::makeRoom()
{
    // A tool's pane needs height; the editor keeps what its text needs.
    const QList<int> sizes = splitter_->sizes();
    const int needed = std::max(least_editor_height, (editor_->lines() + 1) * editor_->textHeight(0));
    if (sizes.value(0) > needed)
        splitter_->setSizes({needed, sizes.value(1) + sizes.value(0) - needed});
}

void SqlPage::showPane(const QString &id)
{
    QWidget *widget = panes_.value(id);
    if (widget == nullptr)
        return;
    stack_->setCurrentWidget(widget);
    tabs_->setCurrent(id);
}

QString SqlPage::currentPane() const
{
    return tabs_->current();
}

void SqlPage::refreshMessageCount()
{
    const int errors = messages_->errorCount();
    const int warnings = messages_->warningCount();
    QString text = tr("Messages");
    if (errors > 0)
        text = tr("Messages · %n error(s)", nullptr, errors);
    else if (warnings > 0)
        text = tr("Messages · %n warning(s)", nullptr, warnings);
    tabs_->setText(messages_id, text);
}

void SqlPage::setBuffer(const workspace::Buffer &buffer)
{
    id_ = buffer.id.empty() ? workspace::newId() : buffer.id;
    title_ = QString::fromStdString(buffer.title);
    file_ = QString::fromStdString(buffer.file);
    connection_name_ = QString::fromStdString(buffer.connection_name);
    manual_commit_ = buffer.manual_commit;
    refreshTransaction();
    editor_->setContent(buffer.text, true);
    if (buffer.modified)
        editor_->setModified(true);
    editor_->setCursor(ByteOffset{static_cast<std::size_t>(std::max<std::int64_t>(0, buffer.cursor))});
    Q_EMIT titleChanged();
}

workspace::Buffer SqlPage::buffer() const
{
    workspace::Buffer buffer;
    buffer.id = id_;
    buffer.title = title_.toStdString();
    buffer.file = file_.toStdString();
    buffer.text = editor_->utf8();
    buffer.cursor = static_cast<std::int64_t>(editor_->cursor().value);
    buffer.connection_name = connection_name_.toStdString();
    buffer.modified = isModified();
    buffer.manual_commit = manual_commit_;
    return buffer;
}

void SqlPage::setTitle(const QString &title)
{
    title_ = title;
    Q_EMIT titleChanged();
    Q_EMIT edited();
}

bool SqlPage::isModified() const
{
    return !file_.isEmpty() && editor_->isModified();
}

bool SqlPage::isBlank() const
{
    return file_.isEmpty() && editor_->utf8().find_first_not_of(" \t\r\n") == std::string::npos;
}

bool SqlPage::openFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        banner_->showMessage(Tone::Bad, tr("Cannot open %1.").arg(path), file.errorString());
        return false;
    }
    file_ = QFileInfo(path).absoluteFilePath();
    title_ = QFileInfo(path).fileName();
    editor_->setContent(file.readAll().toStdString(), true);
    Q_EMIT titleChanged();
    Q_EMIT edited();
    return true;
}

bool SqlPage::saveFile(const QString &path)
{
    QSaveFile file(path);
    const std::string text = editor_->utf8();
    const bool saved = file.open(QIODevice::WriteOnly) &&
                       file.write(text.data(), static_cast<qint64>(text.size())) == static_cast<qint64>(text.size()) &&
                       file.commit();
    if (!saved) {
        banner_->showMessage(Tone::Bad, tr("Nothing was written to %1.").arg(path),
                             tr("%1. Your text is kept; save it somewhere else.").arg(file.errorString()));
        return false;
    }
    file_ = QFileInfo(path).absoluteFilePath();
    title_ = QFileInfo(path).fileName();
    editor_->setModified(false);
    Q_EMIT titleChanged();
    Q_EMIT edited();
    return true;
}

void SqlPage::setLink(const std::shared_ptr<Link> &link)
{
    if (link == runner_->link())
        return;
    if (runner_->link())
        disconnect(runner_->link().get(), &Link::catalogChanged, this, nullptr);
    runner_->setLink(link);
    takeCatalog();
    if (link)
        connect(link.get(), &Link::catalogChanged, this, &SqlPage::takeCatalog);
    if (link)
        connection_name_ = link->title();
    banner_->dismiss();
    refreshState();
    Q_EMIT edited();
}

void SqlPage::takeCatalog()
{
    editor_->completion()->setCatalog(link() ? link()->catalog() : nullptr);
    LintMarks *marks = LintMarks::of(*editor_);
    if (!link() || !link()->catalog()) {
        marks->setKnowledge({});
    } else if (marks->isEnabled()) {
        askLintKnowledge(*link(), marks, [this, marks](LintKnowledge known) {
            if (link() && link()->catalog() == known.catalog)
                marks->setKnowledge(std::move(known));
        });
    }
}

void SqlPage::setFontSize(int pixels)
{
    editor_->zoomTo(pixels - monoFont().pixelSize());
}

void SqlPage::setSplit(bool split)
{
    if (split == isSplit())
        return;
    if (split) {
        second_ = new SecondView(editor_, editors_);
        editors_->addWidget(second_);
        const int half = editors_->width() / 2;
        editors_->setSizes({half, half});
        second_->setFocus();
    } else {
        delete std::exchange(second_, nullptr);
        editor_->setFocus();
    }
}

QByteArray SqlPage::splitterState() const
{
    return splitter_->saveState();
}

void SqlPage::restoreSplitter(const QByteArray &state)
{
    splitter_->restoreState(state);
}

SqlDocument *SqlPage::document() const
{
    return document_.get();
}

} // namespace howdah::ui
