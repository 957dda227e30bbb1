// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_text_pane.h"

#include <algorithm>

#include <QContextMenuEvent>
#include <QMenu>
#include <QPainter>
#include <QPlainTextDocumentLayout>
#include <QTextBlock>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/plan/plan_inks.h"

namespace howdah::ui {

namespace {

constexpr int margin_width = 18;

} // namespace

class PlanTextPane::Margin : public QWidget
{
public:
    explicit Margin(PlanTextPane *pane) : QWidget(pane), pane_(pane)
    {
        setCursor(Qt::PointingHandCursor);
        setToolTip(PlanTextPane::tr("Fold or unfold what is below a line"));
    }

protected:
    void paintEvent(QPaintEvent *event) override { pane_->paintMargin(event); }
    void mouseReleaseEvent(QMouseEvent *event) override { pane_->clickMargin(event->position().toPoint().y()); }

private:
    PlanTextPane *pane_;
};

PlanTextPane::PlanTextPane(QWidget *parent) : QPlainTextEdit(parent), margin_(new Margin(this))
{
    setReadOnly(true);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setFont(monoFont());
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Plan as text"));
    setAccessibleDescription(tr("Minus folds what is below the line, plus unfolds it."));
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setStyleSheet(QStringLiteral("QPlainTextEdit { border: none; border-radius: 0; padding: 0; }"));
    setViewportMargins(margin_width + spacing::unit, spacing::control, spacing::control, 0);
    connect(this, &QPlainTextEdit::updateRequest, this, [this] { margin_->update(); });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, [this] {
        setFont(monoFont());
        ++inked_;
        refresh();
    });
}

void PlanTextPane::fill(const QString &text)
{
    marked_ = plan::no_node;
    found_.clear();
    setPlainText(text);
    folds_ = TextFolds(text);
    refresh();
}

void PlanTextPane::setPrinted(plan::PrintedPlan printed)
{
    json_ = false;
    nodes_ = std::move(printed.nodes);
    fill(QString::fromStdString(printed.text));
}

void PlanTextPane::setPlain(const QString &text)
{
    json_ = true;
    nodes_.clear();
    fill(text);
}

QTextEdit::ExtraSelection PlanTextPane::tint(std::size_t first, std::size_t count, const QColor &color) const
{
    QTextEdit::ExtraSelection selection;
    selection.format.setBackground(color);
    selection.format.setProperty(QTextFormat::FullWidthSelection, true);
    selection.cursor = QTextCursor(document()->findBlockByNumber(static_cast<int>(first)));
    const QTextBlock last = document()->findBlockByNumber(static_cast<int>(first + count) - 1);
    if (last.isValid()) // a cursor's own steps leave out what is folded
        selection.cursor.setPosition(last.position() + last.length() - 1, QTextCursor::KeepAnchor);
    return selection;
}

/// Gives the lines on the screen their colours; a plan of ten thousand nodes has a hundred thousand.
void PlanTextPane::inkVisible()
{
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        if (!block.isVisible())
            continue;
        if (blockBoundingGeometry(block).translated(contentOffset()).top() > viewport()->height())
            break;
        if (block.userState() == inked_)
            continue;
        block.setUserState(inked_);
        block.layout()->setFormats(json_ ? jsonInks(block.text()) : planTextInks(block.text()));
    }
}

void PlanTextPane::paintEvent(QPaintEvent *event)
{
    inkVisible();
    QPlainTextEdit::paintEvent(event);
    paintFolded();
}

/// "⋯ 12 lines" behind a line that hides some.
void PlanTextPane::paintFolded()
{
    if (!folds_.anyFolded())
        return;
    const Colors &c = colors();
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font());
    const QFontMetricsF metrics(font());
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        if (!block.isVisible())
            continue;
        const QRectF place = blockBoundingGeometry(block).translated(contentOffset());
        if (place.top() > viewport()->height())
            break;
        const int line = block.blockNumber();
        if (!folds_.isFolded(line))
            continue;
        const int hidden = folds_.end(line) - line;
        const QString words = hidden == 1 ? tr("\u22ef 1 line") : tr("\u22ef %L1 lines").arg(hidden);
        const double width = block.layout()->lineCount() > 0 ? block.layout()->lineAt(0).naturalTextWidth() : 0;
        // Beyond the right edge nobody would see that something is folded.
        const double wish = place.left() + document()->documentMargin() + width + spacing::control;
        const double own = metrics.horizontalAdvance(words) + 2 * spacing::unit;
        const QRectF pill(std::min(wish, viewport()->width() - own - 2.0), place.top() + 1, own, place.height() - 2);
        painter.setPen(c.line);
        painter.setBrush(c.panel2);
        painter.drawRoundedRect(pill, 3, 3);
        painter.setPen(c.dim);
        painter.drawText(pill, Qt::AlignCenter, words);
    }
}

void PlanTextPane::paintMargin(QPaintEvent *event)
{
    const Colors &c = colors();
    QPainter painter(margin_);
    painter.fillRect(event->rect(), c.panel);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(c.dim, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const int shift = viewport()->y() - margin_->y();
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        if (!block.isVisible() || !folds_.canFold(block.blockNumber()))
            continue;
        const QRectF place = blockBoundingGeometry(block).translated(contentOffset()).translated(0, shift);
        if (place.top() > margin_->height())
            break;
        const QPointF middle(margin_width / 2.0, place.center().y());
        if (folds_.isFolded(block.blockNumber()))
            painter.drawPolyline(QPolygonF({middle + QPointF(-1.5, -3.5), middle + QPointF(2, 0), middle + QPointF(-1.5, 3.5)}));
        else
            painter.drawPolyline(QPolygonF({middle + QPointF(-3.5, -1.5), middle + QPointF(0, 2), middle + QPointF(3.5, -1.5)}));
    }
}

void PlanTextPane::placeMargin()
{
    const QRect inside = contentsRect();
    margin_->setGeometry(inside.left(), inside.top(), margin_width, inside.height());
}

void PlanTextPane::resizeEvent(QResizeEvent *event)
{
    QPlainTextEdit::resizeEvent(event);
    placeMargin();
}

void PlanTextPane::clickMargin(int y)
{
    const int line = cursorForPosition(QPoint(1, y - viewport()->y() + margin_->y())).blockNumber();
    setFolded(line, !folds_.isFolded(line));
}

/// The line itself, or the one that it folds under.
int PlanTextPane::foldableAt(int line) const
{
    return folds_.canFold(line) ? line : folds_.head(line);
}

void PlanTextPane::showLines()
{
    const std::vector<bool> visible = folds_.visible();
    std::size_t line = 0;
    for (QTextBlock block = document()->begin(); block.isValid() && line < visible.size(); block = block.next(), ++line) {
        block.setVisible(visible[line]);
        block.setLineCount(visible[line] ? std::max(1, block.layout()->lineCount()) : 0);
    }
    auto *layout = qobject_cast<QPlainTextDocumentLayout *>(document()->documentLayout());
    layout->requestUpdate();
    Q_EMIT layout->documentSizeChanged(layout->documentSize());
    viewport()->update();
    margin_->update();
}

void PlanTextPane::setFolded(int line, bool folded)
{
    if (!folds_.canFold(line) || folds_.isFolded(line) == folded)
        return;
    folds_.setFolded(line, folded);
    const int at = textCursor().blockNumber();
    if (folded && at > line && at <= folds_.end(line))
        setTextCursor(QTextCursor(document()->findBlockByNumber(line)));
    showLines();
}

void PlanTextPane::setAllFolded(bool folded)
{
    folds_.setAllFolded(folded);
    if (folded) {
        int line = textCursor().blockNumber();
        while (folds_.head(line) >= 0)
            line = folds_.head(line);
        setTextCursor(QTextCursor(document()->findBlockByNumber(line)));
    }
    showLines();
}

void PlanTextPane::reveal(int line)
{
    bool changed = false;
    for (int head = folds_.head(line); head >= 0; head = folds_.head(head)) {
        changed = changed || folds_.isFolded(head);
        folds_.setFolded(head, false);
    }
    if (changed)
        showLines();
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
    reveal(static_cast<int>(nodes_[id].first));
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

void PlanTextPane::keyPressEvent(QKeyEvent *event)
{
    const int line = textCursor().blockNumber();
    const bool plain = (event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)) == Qt::NoModifier;
    if (plain && event->key() == Qt::Key_Minus)
        setFolded(folds_.isFolded(line) ? folds_.head(line) : foldableAt(line), true);
    else if (plain && (event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal))
        setFolded(line, false);
    else
        QPlainTextEdit::keyPressEvent(event);
}

void PlanTextPane::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu *menu = createStandardContextMenu();
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const int line = foldableAt(cursorForPosition(event->pos()).blockNumber());
    menu->addSeparator();
    if (folds_.canFold(line)) {
        const bool folded = folds_.isFolded(line);
        menu->addAction(folded ? tr("Unfold") : tr("Fold"), this, [this, line, folded] { setFolded(line, !folded); });
    }
    menu->addAction(tr("Fold all"), this, [this] { setAllFolded(true); });
    menu->addAction(tr("Unfold all"), this, [this] { setAllFolded(false); })->setEnabled(folds_.anyFolded());
    menu->popup(event->globalPos());
}

} // namespace howdah::ui
