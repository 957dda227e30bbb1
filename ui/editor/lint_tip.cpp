// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/lint_tip.h"

#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/theme_notifier.h"
#include "ui/change/lock_words.h"

namespace howdah::ui {

namespace {

using migration::LintFinding;
using migration::LintSeverity;

constexpr std::size_t most_findings = 3;
constexpr int most_locks = 6;
constexpr int wide = 560;

Tone toneOf(LintSeverity severity)
{
    return severity >= LintSeverity::Serious ? Tone::Bad : severity == LintSeverity::Warning ? Tone::Warn : Tone::Accent;
}

QString severityWord(LintSeverity severity)
{
    switch (severity) {
    case LintSeverity::Error: return LintTip::tr("fails");
    case LintSeverity::Serious: return LintTip::tr("serious");
    case LintSeverity::Warning: return LintTip::tr("warning");
    case LintSeverity::Info: return LintTip::tr("info");
    }
    return {};
}

/// "AccessExclusiveLock" as the documentation writes it.
std::string documented(const std::string &mode)
{
    std::string words;
    for (const char c : mode.substr(0, mode.size() - std::min<std::size_t>(mode.size(), 4))) {
        if (c >= 'A' && c <= 'Z' && !words.empty())
            words += ' ';
        words += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return words;
}

QLabel *label(const QString &text, QWidget *parent, const QColor &ink = {})
{
    auto *made = new QLabel(text, parent);
    made->setTextFormat(Qt::PlainText);
    made->setWordWrap(true);
    made->setTextInteractionFlags(Qt::TextSelectableByMouse);
    if (ink.isValid()) {
        QPalette palette = made->palette();
        palette.setColor(QPalette::WindowText, ink);
        made->setPalette(palette);
    }
    return made;
}

QWidget *lockTable(const LintFinding &finding, QWidget *parent)
{
    auto *table = new QWidget(parent);
    auto *grid = new QGridLayout(table);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(spacing::card);
    grid->setVerticalSpacing(spacing::unit);
    grid->setColumnStretch(2, 1);
    int row = 0;
    for (const auto &[relation, mode] : finding.locks) {
        if (row == most_locks) {
            grid->addWidget(label(LintTip::tr("and %n more", nullptr, static_cast<int>(finding.locks.size()) - most_locks), table, colors().dim), row, 0, 1, 3);
            break;
        }
        const LockWords words = lockWords(documented(mode));
        auto *name = label(QString::fromStdString(relation), table);
        name->setFont(monoFont());
        name->setWordWrap(false);
        grid->addWidget(name, row, 0);
        grid->addWidget(new Pill(words.name, words.tone, table), row, 1);
        grid->addWidget(label(words.blocks, table, colors().dim), row, 2);
        ++row;
    }
    return table;
}

} // namespace

LintTip::LintTip(QWidget *parent) : QFrame(parent), scroll_(new QScrollArea(this))
{
    auto *layout = new QVBoxLayout(this);
    setObjectName(QStringLiteral("lintTip"));
    hide();
    setCursor(Qt::ArrowCursor);
    layout->setContentsMargins(spacing::card, spacing::control + 2, spacing::card, spacing::control + 2);
    layout->addWidget(scroll_);
    scroll_->setFrameShape(QFrame::NoFrame);
    scroll_->setWidgetResizable(true);
    scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll_->viewport()->setAutoFillBackground(false);
    setAccessibleName(tr("What lint found here"));
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &LintTip::applyTheme);
    applyTheme();
}

void LintTip::applyTheme()
{
    const Colors &c = colors();
    setStyleSheet(QStringLiteral("#lintTip { background: %1; border: 1px solid %2; border-radius: %3px; }").arg(c.panel.name(), c.line.name()).arg(spacing::radius));
    if (isVisible())
        show(std::vector<LintFinding>(findings_));
}

void LintTip::addFinding(const LintFinding &finding, bool with_locks)
{
    const Colors &c = colors();
    auto *layout = static_cast<QVBoxLayout *>(content_->layout());
    auto *head = new QHBoxLayout;
    head->setSpacing(spacing::control);
    head->addWidget(new Pill(severityWord(finding.severity), toneOf(finding.severity), content_), 0, Qt::AlignTop);
    auto *title = label(QString::fromUtf8(finding.rule->title), content_);
    QFont bold = title->font();
    bold.setBold(true);
    title->setFont(bold);
    head->addWidget(title, 1);
    layout->addLayout(head);
    layout->addWidget(label(QString::fromStdString(finding.message), content_));
    if (with_locks && !finding.locks.empty())
        layout->addWidget(lockTable(finding, content_));
    if (!finding.why.empty())
        layout->addWidget(label(QString::fromStdString(finding.why), content_, c.dim));
    if (!finding.fix.empty())
        layout->addWidget(label(QString::fromStdString(finding.fix), content_));
    if (!finding.fix_sql.empty()) {
        auto *sql = label(QString::fromStdString(finding.fix_sql), content_);
        sql->setObjectName(QStringLiteral("lintFix"));
        sql->setFont(monoFont());
        sql->setStyleSheet(QStringLiteral("#lintFix { background: %1; border-radius: %2px; padding: %3px; }").arg(c.panel2.name()).arg(spacing::unit).arg(spacing::unit + 2));
        layout->addWidget(sql);
    }
    auto *row = new QHBoxLayout;
    row->setSpacing(spacing::control);
    if (!finding.fix_sql.empty()) {
        auto *copy = new QPushButton(icon(QStringLiteral("copy")), tr("Copy the SQL"), content_);
        connect(copy, &QPushButton::clicked, this, [sql = finding.fix_sql] { QApplication::clipboard()->setText(QString::fromStdString(sql)); });
        row->addWidget(copy);
    }
    auto *ignore = new QPushButton(tr("Suppress with a reason"), content_);
    ignore->setToolTip(tr("Puts a comment above the statement; write why it is fine"));
    connect(ignore, &QPushButton::clicked, this, [this, finding] {
        hide();
        Q_EMIT suppressRequested(finding);
    });
    row->addWidget(ignore);
    row->addStretch(1);
    auto *rule = label(QString::fromUtf8(finding.rule->name), content_, c.dim);
    rule->setWordWrap(false);
    row->addWidget(rule);
    layout->addLayout(row);
}

void LintTip::show(const std::vector<LintFinding> &findings)
{
    findings_ = findings;
    content_ = new QWidget; // measured before it is shown; the scroll area takes it and lets go of the one before
    auto *layout = new QVBoxLayout(content_);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::control);
    for (std::size_t i = 0; i < std::min(findings_.size(), most_findings); ++i) {
        if (i > 0) {
            auto *line = new QFrame(content_);
            line->setFixedHeight(1);
            line->setStyleSheet(QStringLiteral("background: %1; border: none;").arg(colors().line.name()));
            layout->addWidget(line);
        }
        addFinding(findings_[i], i == 0);
    }
    if (findings_.size() > most_findings)
        layout->addWidget(label(tr("and %n more", nullptr, static_cast<int>(findings_.size() - most_findings)), content_, colors().dim));
    const int room = std::max(200, std::min(wide, parentWidget()->width() - 2 * spacing::page));
    setFixedWidth(room);
    const int frame = 2, around = 2 * (spacing::control + 2) + frame;
    const int height = layout->totalHeightForWidth(room - 2 * spacing::card - frame) + around;
    setFixedHeight(std::min(height, std::max(80, parentWidget()->height() - 2 * spacing::unit)));
    scroll_->setWidget(content_);
    content_->setAutoFillBackground(false); // the card's ground
    raise();
    setVisible(true);
}

void LintTip::place(int left, int top, int bottom)
{
    const QSize room = parentWidget()->size();
    const bool below = bottom + height() + 2 <= room.height() || top - height() - 2 < 0;
    const int y = below ? std::min(bottom + 2, std::max(0, room.height() - height())) : top - height() - 2;
    move(std::clamp(left, 0, std::max(0, room.width() - width())), y);
}

QString LintTip::text() const
{
    QStringList all;
    for (const QLabel *one : findChildren<QLabel *>())
        all << one->text();
    for (const Pill *one : findChildren<Pill *>())
        all << one->text();
    return all.join(QLatin1Char('\n'));
}

} // namespace howdah::ui
