// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_text_pane.h"

#include <algorithm>

#include <QTextBlock>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

PlanTextPane::PlanTextPane(QWidget *parent) : QPlainTextEdit(parent)
{
    setReadOnly(true);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setFont(monoFont());
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Plan as text"));
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setStyleSheet(QStringLiteral("QPlainTextEdit { border: none; border-radius: 0; padding: 8px; }"));
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, [this] {
        setFont(monoFont());
        refresh();
    });
}

void PlanTextPane::setPrinted(plan::PrintedPlan printed)
{
    nodes_ = std::move(printed.nodes);
    marked_ = plan::no_node;
    found_.clear();
    setPlainText(QString::fromStdString(printed.text));
    refresh();
}

void PlanTextPane::setPlain(const QString &text)
{
    nodes_.clear();
    setPlainText(text);
}

QTextEdit::ExtraSelection PlanTextPane::tint(std::size_t first, std::size_t count, const QColor &color) const
{
    QTextEdit::ExtraSelection selection;
    selection.format.setBackground(color);
    selection.format.setProperty(QTextFormat::FullWidthSelection, true);
    selection.cursor = QTextCursor(document()->findBlockByNumber(static_cast<int>(first)));
    selection.cursor.movePosition(QTextCursor::NextBlock, QTextCursor::KeepAnchor, static_cast<int>(count) - 1);
    selection.cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
    return selection;
}

void PlanTextPane::refresh()
{
    constexpr std::size_t most_tints = 2'000; // more than anyone looks at, and each costs at every repaint
    QList<QTextEdit::ExtraSelection> selections;
    for (std::size_t i = 0; i < std::min(found_.size(), most_tints); ++i) {
        if (found_[i] < nodes_.size())
            selections << tint(nodes_[found_[i]].first, nodes_[found_[i]].count, colors().warn_tint);
    }
    if (marked_ < nodes_.size())
        selections << tint(nodes_[marked_].first, nodes_[marked_].count, colors().on_tint);
    setExtraSelections(selections);
}

void PlanTextPane::markNode(plan::NodeId id)
{
    marked_ = id;
    refresh();
    if (id >= nodes_.size())
        return;
    const QTextCursor at(document()->findBlockByNumber(static_cast<int>(nodes_[id].first)));
    setTextCursor(at);
    centerCursor();
}

void PlanTextPane::markFound(const std::vector<plan::NodeId> &found)
{
    found_ = found;
    refresh();
}

void PlanTextPane::mouseReleaseEvent(QMouseEvent *event)
{
    QPlainTextEdit::mouseReleaseEvent(event);
    if (nodes_.empty() || textCursor().hasSelection())
        return;
    const auto line = static_cast<std::size_t>(textCursor().blockNumber());
    const auto after = std::upper_bound(nodes_.begin(), nodes_.end(), line,
                                        [](std::size_t at, const plan::PrintedLines &node) { return at < node.first; });
    if (after != nodes_.begin() && line < (after - 1)->first + (after - 1)->count)
        Q_EMIT nodeClicked((after - 1)->node);
}

} // namespace howdah::ui
