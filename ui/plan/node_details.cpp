// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/node_details.h"

#include <QClipboard>
#include <QFontInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/base/elided_label.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/plan/node_text.h"
#include "ui/plan/plan_terms.h"

namespace howdah::ui {

namespace {

/// The name of a property; the pointer on it learns what it means.
QString named(const QString &name)
{
    const QString term = PlanTerms::term(name);
    if (term.isEmpty())
        return name.toHtmlEscaped();
    return QStringLiteral("<span title=\"%1\">%2</span>").arg(term.toHtmlEscaped(), name.toHtmlEscaped());
}

} // namespace

NodeDetails::NodeDetails(QWidget *parent)
    : QWidget(parent), title_(new ElidedLabel(this)), copy_(new QToolButton(this)), text_(new QTextBrowser(this))
{
    auto *head = new QHBoxLayout;
    head->setContentsMargins(spacing::card, spacing::control, spacing::control, 0);
    head->addWidget(title_, 1);
    head->addWidget(copy_);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(text_, 1);
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    title_->setFont(bold);
    copy_->setIcon(icon(QStringLiteral("copy")));
    copy_->setToolTip(tr("Copy all of this node"));
    copy_->setAccessibleName(copy_->toolTip());
    connect(copy_, &QToolButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(plainText()); });
    text_->setFrameShape(QFrame::NoFrame);
    text_->setOpenLinks(false);
    text_->setAccessibleName(tr("Details of the node"));
    text_->document()->setDocumentMargin(spacing::card);
    text_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    text_->setStyleSheet(QStringLiteral("QTextBrowser { background: transparent; border: none; padding: 0; }"));
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, [this] {
        if (isVisible())
            refresh();
        else
            other_colors_ = true;
    });
    clear();
}

void NodeDetails::showNode(std::shared_ptr<const PlanDocument> document, std::size_t index, plan::NodeId id)
{
    document_ = std::move(document);
    index_ = index;
    node_ = id;
    refresh();
}

void NodeDetails::clear()
{
    document_.reset();
    node_.reset();
    refresh();
}

QString NodeDetails::plainText() const
{
    return node_ ? NodeText::plainText(document_->plans[index_], document_->metrics[index_], *node_) : QString();
}

void NodeDetails::showEvent(QShowEvent *event)
{
    if (other_colors_)
        refresh();
    QWidget::showEvent(event);
}

void NodeDetails::refresh()
{
    other_colors_ = false;
    copy_->setVisible(node_.has_value());
    if (!node_) {
        title_->setText(tr("No node selected"));
        text_->setHtml(QStringLiteral("<p style='color:%1'>%2</p>")
                           .arg(colors().dim.name(), tr("Click a card, or walk the tree with the arrow keys.").toHtmlEscaped()));
        return;
    }
    const plan::Plan &plan = document_->plans[index_];
    const Colors &c = colors();
    title_->setText(NodeText::name(plan.nodes[*node_]));
    QString html;
    bool first = true;
    for (const NodeText::Group &group : NodeText::properties(plan, document_->metrics[index_], *node_)) {
        html += QStringLiteral("<div style='color:%1; font-weight:600; font-size:%2px; margin-top:%3px; margin-bottom:2px'>%4</div>"
                               "<table width='100%' cellspacing='0' cellpadding='2'>")
                    .arg(c.dim.name())
                    .arg(captionFont().pixelSize())
                    .arg(first ? 0 : 10)
                    .arg(group.title.toHtmlEscaped());
        first = false;
        for (const NodeText::Property &property : group.properties) {
            const QString name = named(property.name);
            QString value = property.value.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
            if (!property.derivation.isEmpty())
                value = QStringLiteral("<span title=\"%1\">%2</span>").arg(property.derivation.toHtmlEscaped(), value);
            if (property.is_code)
                value = QStringLiteral("<span style='font-family:%1; font-size:%2px'>%3</span>")
                            .arg(QFontInfo(monoFont()).family()) // the first of the wanted faces may be missing
                            .arg(monoFont().pixelSize())
                            .arg(value);
            // Long values get the whole width: names and expressions do not fit into half of a narrow panel.
            if (property.is_code)
                html += QStringLiteral("<tr><td colspan='2' style='color:%1'>%2</td></tr><tr><td colspan='2'>%3</td></tr>")
                            .arg(c.dim.name(), name, value);
            else
                html += QStringLiteral("<tr><td width='42%' style='color:%1'>%2</td><td>%3</td></tr>")
                            .arg(c.dim.name(), name, value);
        }
        html += QStringLiteral("</table>");
    }
    text_->document()->setDefaultFont(textFont());
    text_->setHtml(QStringLiteral("<div style='color:%1'>%2</div>").arg(c.text.name(), html));
}

} // namespace howdah::ui
