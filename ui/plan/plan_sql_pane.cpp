// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_sql_pane.h"

#include <algorithm>
#include <cmath>

#include <QHelpEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>
#include <QToolTip>

#include "core/sql/keywords.h"
#include "core/sql/lexer.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/plan/node_text.h"
#include "ui/plan/plan_scale.h"

namespace howdah::ui {

namespace {

constexpr int heat_width = 56; // of the bar that means all of the time

enum Ink { KeywordInk, TextInk, CommentInk };

QColor colourOf(int ink)
{
    const Colors &c = colors();
    return ink == KeywordInk ? c.accent : ink == TextInk ? c.good : c.dim;
}

} // namespace

class PlanSqlPane::Gutter : public QWidget
{
public:
    explicit Gutter(PlanSqlPane *pane) : QWidget(pane), pane_(pane) { setCursor(Qt::PointingHandCursor); }

protected:
    void paintEvent(QPaintEvent *event) override { pane_->paintGutter(event); }
    void mouseReleaseEvent(QMouseEvent *event) override { pane_->clickGutter(event->position().toPoint().y()); }
    bool event(QEvent *event) override
    {
        if (event->type() == QEvent::ToolTip) {
            auto *help = static_cast<QHelpEvent *>(event);
            QToolTip::showText(help->globalPos(), pane_->gutterTip(help->pos().y()), this);
            return true;
        }
        return QWidget::event(event);
    }

private:
    PlanSqlPane *pane_;
};

PlanSqlPane::PlanSqlPane(QWidget *parent) : QPlainTextEdit(parent), gutter_(new Gutter(this))
{
    setReadOnly(true);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setFont(monoFont());
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("The statement, with the time of its clauses"));
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setStyleSheet(QStringLiteral("QPlainTextEdit { border: none; border-radius: 0; padding: 0; }"));
    connect(this, &QPlainTextEdit::updateRequest, this, [this] { gutter_->update(); });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, [this] {
        setFont(monoFont());
        fitGutter();
        refresh();
    });
}

void PlanSqlPane::setPlan(std::shared_ptr<const PlanDocument> document, std::size_t index, PlanSql sql)
{
    document_ = std::move(document);
    index_ = index;
    sql_ = std::move(sql);
    marked_ = plan::no_node;
    lines_ = document_ == nullptr ? std::vector<SqlLineTime>() : timesByLine(sql_, document_->metrics[index_]);
    inks_.clear();
    constexpr std::size_t most_inks = 4'000; // each costs at every repaint
    sql::Lexer lexer(sql_.text);
    for (sql::Token token; lexer.next(token) && inks_.size() < most_inks;) {
        const std::string_view word = token.span.of(sql_.text);
        if (token.kind == sql::TokenKind::Identifier && sql::isKeyword(word))
            inks_.emplace_back(token.span, KeywordInk);
        else if (token.kind == sql::TokenKind::String || token.kind == sql::TokenKind::DollarString || token.kind == sql::TokenKind::Number)
            inks_.emplace_back(token.span, TextInk);
        else if (token.kind == sql::TokenKind::LineComment || token.kind == sql::TokenKind::BlockComment)
            inks_.emplace_back(token.span, CommentInk);
    }
    setPlainText(QString::fromStdString(sql_.text));
    fitGutter();
    refresh();
}

QString PlanSqlPane::figureOf(int line) const
{
    if (line < 0 || static_cast<std::size_t>(line) >= lines_.size() || lines_[static_cast<std::size_t>(line)].nodes.empty())
        return {};
    const SqlLineTime &time = lines_[static_cast<std::size_t>(line)];
    if (document_->metrics[index_].execution_ms)
        return NodeText::duration(time.ms);
    return NodeText::percent(time.share);
}

int PlanSqlPane::gutterWidth() const
{
    int widest = 0;
    const QFontMetrics metrics(textFont());
    for (int line = 0; line < static_cast<int>(lines_.size()); ++line)
        widest = std::max(widest, metrics.horizontalAdvance(figureOf(line)));
    return std::max(widest, metrics.horizontalAdvance(QStringLiteral("000 ms"))) + heat_width + 4 * spacing::control;
}

void PlanSqlPane::fitGutter()
{
    setViewportMargins(gutterWidth() + spacing::control, spacing::control, spacing::control, 0);
    const QRect inside = contentsRect();
    gutter_->setGeometry(inside.left(), inside.top(), gutterWidth(), inside.height());
}

void PlanSqlPane::resizeEvent(QResizeEvent *event)
{
    QPlainTextEdit::resizeEvent(event);
    const QRect inside = contentsRect();
    gutter_->setGeometry(inside.left(), inside.top(), gutterWidth(), inside.height());
}

QTextEdit::ExtraSelection PlanSqlPane::tint(ByteSpan span) const
{
    // Offsets count bytes; the document counts UTF-16.
    const auto place = [this](std::size_t byte) {
        return static_cast<int>(QString::fromUtf8(sql_.text.data(), static_cast<qsizetype>(std::min(byte, sql_.text.size()))).size());
    };
    QTextEdit::ExtraSelection selection;
    selection.cursor = QTextCursor(document());
    selection.cursor.setPosition(place(span.begin.value));
    selection.cursor.setPosition(place(span.end.value), QTextCursor::KeepAnchor);
    return selection;
}

void PlanSqlPane::refresh()
{
    QList<QTextEdit::ExtraSelection> selections;
    bool first = true;
    for (const plan::NodeSource &source : sql_.sources) {
        if (source.node != marked_)
            continue;
        for (const ByteSpan &span : source.spans) {
            selections << tint(span);
            selections.back().format.setBackground(first ? colors().on_tint : colors().panel2);
            first = false;
        }
    }
    for (const auto &[span, ink] : inks_) {
        selections << tint(span);
        selections.back().format.setForeground(colourOf(ink));
    }
    setExtraSelections(selections);
    gutter_->update();
}

void PlanSqlPane::markNode(plan::NodeId id)
{
    marked_ = id;
    refresh();
    const auto source = std::find_if(sql_.sources.begin(), sql_.sources.end(), [id](const auto &one) { return one.node == id; });
    if (source == sql_.sources.end() || hasFocus())
        return;
    QTextCursor at(document());
    at.setPosition(tint(source->spans.front()).cursor.selectionStart());
    setTextCursor(at);
    ensureCursorVisible();
}

int PlanSqlPane::lineAt(int y) const
{
    return cursorForPosition(QPoint(1, y - viewport()->y() + gutter_->y())).blockNumber();
}

void PlanSqlPane::paintGutter(QPaintEvent *event)
{
    const Colors &c = colors();
    QPainter painter(gutter_);
    painter.fillRect(event->rect(), c.panel2);
    painter.setPen(c.line);
    painter.drawLine(gutter_->width() - 1, event->rect().top(), gutter_->width() - 1, event->rect().bottom());
    painter.setFont(textFont());
    const int shift = viewport()->y() - gutter_->y();
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const QRectF place = blockBoundingGeometry(block).translated(contentOffset()).translated(0, shift);
        if (place.top() > gutter_->height())
            break;
        const QString figure = figureOf(block.blockNumber());
        if (figure.isEmpty())
            continue;
        const SqlLineTime &line = lines_[static_cast<std::size_t>(block.blockNumber())];
        const QRectF cell(spacing::unit, place.top(), gutter_->width() - heat_width - 3 * spacing::control, place.height());
        const double width = std::max(2.0, heat_width * std::clamp(line.share, 0.0, 1.0));
        painter.fillRect(QRectF(cell.right() + spacing::control, place.top() + 3, width, place.height() - 6), scaleColour(shareTone(line.share)));
        const bool marked = std::find(line.nodes.begin(), line.nodes.end(), marked_) != line.nodes.end();
        QFont font = textFont();
        font.setBold(marked);
        painter.setFont(font);
        painter.setPen(line.share < 0.02 ? c.dim : c.text);
        painter.drawText(cell, Qt::AlignRight | Qt::AlignVCenter, figure);
    }
}

QString PlanSqlPane::gutterTip(int y) const
{
    const int line = lineAt(y);
    if (figureOf(line).isEmpty())
        return tr("Time of the nodes that the clauses of a line caused");
    QStringList rows;
    const SqlLineTime &time = lines_[static_cast<std::size_t>(line)];
    for (const plan::NodeId id : time.nodes) {
        const plan::NodeMetrics &node = document_->metrics[index_].nodes[id];
        rows << tr("%1: %2").arg(NodeText::name(document_->plans[index_].nodes[id]),
                                 node.exclusive_ms ? NodeText::duration(*node.exclusive_ms) : NodeText::percent(node.cost_share));
    }
    return rows.join(QLatin1Char('\n'));
}

void PlanSqlPane::clickGutter(int y)
{
    const int line = lineAt(y);
    if (figureOf(line).isEmpty())
        return;
    const std::vector<plan::NodeId> &nodes = lines_[static_cast<std::size_t>(line)].nodes;
    const auto weight = [this](plan::NodeId id) {
        const plan::NodeMetrics &node = document_->metrics[index_].nodes[id];
        return node.exclusive_ms.value_or(0) + node.exclusive_cost * 1e-9;
    };
    Q_EMIT nodeClicked(*std::max_element(nodes.begin(), nodes.end(), [&](auto a, auto b) { return weight(a) < weight(b); }));
}

void PlanSqlPane::chooseAtCursor()
{
    const QByteArray before = toPlainText().left(textCursor().position()).toUtf8();
    const auto at = static_cast<std::size_t>(before.size());
    std::vector<plan::NodeId> nodes = plan::nodesAt(sql_.sources, ByteOffset{at});
    if (nodes.empty() && at > 0) // a click on the right half of a word's last letter stands behind it
        nodes = plan::nodesAt(sql_.sources, ByteOffset{at - 1});
    if (!nodes.empty())
        Q_EMIT nodeClicked(nodes.front());
}

void PlanSqlPane::mouseReleaseEvent(QMouseEvent *event)
{
    QPlainTextEdit::mouseReleaseEvent(event);
    if (!textCursor().hasSelection())
        chooseAtCursor();
}

/// What was chosen while this was hidden is looked for now: without a width of its own it scrolled too far.
void PlanSqlPane::showEvent(QShowEvent *event)
{
    QPlainTextEdit::showEvent(event);
    horizontalScrollBar()->setValue(0);
    ensureCursorVisible();
}

void PlanSqlPane::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        chooseAtCursor();
    else
        QPlainTextEdit::keyPressEvent(event);
}

} // namespace howdah::ui
