// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/activity/session_details.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "plugins/activity/sessions_model.h"
#include "plugins/activity/words.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/editor/sql_editor.h"

namespace howdah::activity_tool {

using namespace howdah::ui;

namespace {

constexpr int locks_height = 150;

QLabel *caption(const QString &text)
{
    auto *label = new QLabel(text);
    label->setProperty("role", QStringLiteral("caption"));
    return label;
}

QLabel *dim()
{
    auto *label = new QLabel;
    label->setProperty("role", QStringLiteral("dim"));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

} // namespace

SessionDetails::SessionDetails(QWidget *parent) : QWidget(parent), stack_(new QStackedWidget(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(stack_);
    auto *none = dim();
    none->setText(tr("Choose a session to see its whole statement and its locks."));
    none->setAlignment(Qt::AlignCenter);
    none->setMargin(spacing::page);
    stack_->addWidget(none);
    // A low window scrolls here; it must not be held open by this column.
    auto *page = new QWidget;
    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->viewport()->setAutoFillBackground(false);
    stack_->addWidget(scroll);
    addHead(page);
    scroll->setWidget(page);
    page->setAutoFillBackground(false);
}

void SessionDetails::addHead(QWidget *page)
{
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(spacing::card, spacing::card, spacing::card, spacing::card);
    layout->setSpacing(spacing::control);
    title_ = new QLabel;
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    title_->setFont(bold);
    title_->setTextFormat(Qt::PlainText);
    title_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    QSizePolicy narrow(QSizePolicy::Ignored, QSizePolicy::Preferred);
    title_->setSizePolicy(narrow);
    state_ = new Pill;
    auto *head = new QHBoxLayout;
    head->addWidget(title_, 1);
    head->addWidget(state_);
    layout->addLayout(head);
    fact_names_ = dim();
    fact_names_->setWordWrap(false);
    facts_ = new QLabel;
    facts_->setTextFormat(Qt::PlainText);
    facts_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    facts_->setSizePolicy(narrow);
    auto *facts = new QHBoxLayout;
    facts->setSpacing(spacing::card);
    facts->addWidget(fact_names_);
    facts->addWidget(facts_, 1);
    for (QLabel *one : {fact_names_, facts_})
        one->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    layout->addLayout(facts);

    auto *bar = new QHBoxLayout;
    bar->setSpacing(spacing::unit);
    auto *copy = new QPushButton(icon(QStringLiteral("copy")), tr("Copy"));
    copy->setToolTip(tr("Copy the statement"));
    auto *open = new QPushButton(icon(QStringLiteral("sql")), tr("Open in editor"));
    open->setToolTip(tr("Opens the statement on a new SQL page, where Ctrl+E explains it"));
    bar->addWidget(caption(tr("STATEMENT")), 1);
    bar->addWidget(copy);
    bar->addWidget(open);
    layout->addLayout(bar);
    connect(copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(query_); });
    connect(open, &QPushButton::clicked, this, [this] { Q_EMIT openRequested(query_); });
    editor_ = new SqlEditor;
    editor_->setReadOnly(true);
    editor_->setWrapMode(QsciScintilla::WrapWord);
    editor_->setMarginWidth(0, 0);
    editor_->setAccessibleName(tr("Statement of the session"));
    layout->addWidget(editor_, 3);
    note_ = dim();
    layout->addWidget(note_);

    locks_button_ = new QPushButton(icon(QStringLiteral("lock")), tr("Show locks"));
    locks_button_->setToolTip(tr("Reads pg_locks once for this session"));
    auto *locks_bar = new QHBoxLayout;
    locks_bar->addWidget(caption(tr("LOCKS")), 1);
    locks_bar->addWidget(locks_button_);
    layout->addLayout(locks_bar);
    connect(locks_button_, &QPushButton::clicked, this, [this] {
        locks_button_->setEnabled(false);
        Q_EMIT detailsWanted(pid(), true);
    });
    locks_ = new QTreeWidget;
    locks_->setRootIsDecorated(false);
    locks_->setUniformRowHeights(true);
    locks_->setHeaderLabels({tr("Object"), tr("Mode"), tr("State")});
    locks_->setAccessibleName(tr("Locks of the session"));
    locks_->header()->setStretchLastSection(false);
    locks_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    for (const int column : {1, 2})
        locks_->header()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    locks_->setMinimumHeight(locks_height);
    locks_->hide();
    layout->addWidget(locks_, 2);
    locks_note_ = dim();
    locks_note_->hide();
    layout->addWidget(locks_note_);
}

void SessionDetails::setBackend(const activity::Backend *backend)
{
    stack_->setCurrentIndex(backend == nullptr ? 0 : 1);
    if (backend == nullptr) {
        backend_.reset();
        key_.clear();
        return;
    }
    const bool other = sessionKey(*backend) != key_;
    backend_ = *backend;
    key_ = sessionKey(*backend);
    showFacts();
    if (other) {
        locks_->hide();
        locks_note_->hide();
        locks_button_->setEnabled(true);
        locks_button_->setText(tr("Show locks"));
    }
    const QString present = Words::qt(backend->query);
    if (!other && present == shown_query_)
        return;
    shown_query_ = present;
    showQuery(present, backend->query_cut);
    if (backend->query_cut)
        Q_EMIT detailsWanted(backend->pid, false);
}

void SessionDetails::showFacts()
{
    const activity::Backend &b = *backend_;
    title_->setText(tr("%1 · %2").arg(b.pid).arg(Words::who(b)));
    title_->setToolTip(title_->text());
    state_->setText(Words::state(b));
    state_->setTone(Words::tone(b));
    QStringList names, values;
    const auto add = [&](const QString &name, const QString &value) {
        names << name;
        values << value;
    };
    QStringList from;
    if (!b.application.empty())
        from << Words::qt(b.application);
    if (!b.client.empty())
        from << (b.client == "local" ? tr("local socket") : Words::qt(b.client));
    if (!from.isEmpty())
        add(tr("Client"), from.join(QStringLiteral(" · ")));
    add(tr("Connected"), Words::qt(b.started).left(19));
    if (b.transaction_age_ms >= 0)
        add(tr("Transaction"), tr("open for %1, %2").arg(Words::age(b.transaction_age_ms), b.xid_age >= 0 ? tr("has written") : tr("has written nothing")));
    if (!b.blocked_by.empty())
        add(tr("Blocked"), tr("%1 for %2").arg(Words::waiting(b), Words::blockedBy(b)));
    if (const QString wait = Words::wait(b); !wait.isEmpty())
        add(tr("Wait event"), wait);
    if (b.leader_pid != 0)
        add(tr("Works for"), QString::number(b.leader_pid));
    if (b.xmin_age > 0)
        add(tr("Snapshot"), tr("%1 transactions old").arg(Words::count(b.xmin_age)));
    fact_names_->setText(names.join(QLatin1Char('\n')));
    facts_->setText(values.join(QLatin1Char('\n')));
    facts_->setToolTip(facts_->text());
}

void SessionDetails::showQuery(const QString &query, bool cut)
{
    if (query != query_) {
        editor_->setReadOnly(false);
        editor_->setContent(query.toStdString(), true);
        editor_->setReadOnly(true);
        query_ = query;
    }
    note_->setText(cut ? tr("The server keeps no more of it (track_activity_query_size).") : QString());
    note_->setVisible(cut);
}

void SessionDetails::setDetails(int pid, const Result<activity::BackendDetails> &details, bool with_locks)
{
    if (pid != this->pid())
        return;
    locks_button_->setEnabled(true);
    if (!details) {
        locks_note_->setText(Words::qt(details.error().message));
        locks_note_->show();
        return;
    }
    showQuery(Words::qt(details->query), details->query_cut);
    if (with_locks)
        showLocks(*details);
}

void SessionDetails::showLocks(const activity::BackendDetails &details)
{
    locks_button_->setText(tr("Read again"));
    locks_->clear();
    for (const activity::HeldLock &lock : details.locks) {
        const QString state = lock.granted          ? tr("held")
                              : lock.waited_ms >= 0 ? tr("waits %1").arg(Words::age(lock.waited_ms))
                                                    : tr("waits");
        auto *item = new QTreeWidgetItem({Words::qt(lock.object), Words::qt(lock.mode), state});
        item->setToolTip(0, tr("%1: %2").arg(Words::qt(lock.type), Words::qt(lock.object)));
        if (!lock.granted) {
            item->setForeground(2, colors().bad_ink);
            item->setIcon(2, icon(QStringLiteral("clock"), colors().bad_ink));
        }
        locks_->addTopLevelItem(item);
    }
    locks_->setVisible(!details.locks.empty());
    locks_note_->setVisible(details.locks.empty() || details.locks_total > static_cast<std::int64_t>(details.locks.size()));
    locks_note_->setText(details.locks.empty() ? tr("It holds no locks.")
                                               : tr("The first %1 of %2 locks.").arg(details.locks.size()).arg(Words::count(details.locks_total)));
}

} // namespace howdah::activity_tool
