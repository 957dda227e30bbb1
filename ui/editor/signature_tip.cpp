// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/signature_tip.h"

#include <algorithm>

#include <QLabel>
#include <QVBoxLayout>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

constexpr std::size_t most_shown = 4;
constexpr int most_width = 640;

bool isPresent(const complete::SignatureHelp &help, const std::vector<std::string> &arguments, std::size_t i)
{
    if (!help.argument_name.empty())
        return arguments[i].starts_with(help.argument_name + " ");
    const bool variadic = i + 1 == arguments.size() && arguments[i].starts_with("VARIADIC ");
    return i == help.argument || (variadic && help.argument > i);
}

} // namespace

SignatureTip::SignatureTip(QWidget *parent) : QFrame(parent), label_(new QLabel(this))
{
    setObjectName(QStringLiteral("signature"));
    hide();
    setFocusPolicy(Qt::NoFocus);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    label_->setTextFormat(Qt::RichText);
    label_->setAccessibleName(tr("Arguments"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::control + 2, spacing::unit + 1, spacing::control + 2, spacing::unit + 1);
    layout->addWidget(label_);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &SignatureTip::applyTheme);
    applyTheme();
}

void SignatureTip::applyTheme()
{
    const Colors &c = colors();
    setStyleSheet(QStringLiteral("#signature { background: %1; border: 1px solid %2; border-radius: %3px; }").arg(c.panel2.name(), c.line.name()).arg(spacing::radius));
}

void SignatureTip::show(const complete::SignatureHelp &help)
{
    const Colors &c = colors();
    QStringList lines;
    for (std::size_t i = 0; i < std::min(help.signatures.size(), most_shown); ++i) {
        const complete::Signature &signature = help.signatures[i];
        QStringList arguments;
        for (std::size_t a = 0; a < signature.arguments.size(); ++a) {
            const QString text = QString::fromStdString(signature.arguments[a]).toHtmlEscaped();
            arguments << (isPresent(help, signature.arguments, a) ? QStringLiteral("<b style='color:%1'>%2</b>").arg(c.accent_ink.name(), text) : text);
        }
        const QString result = QString::fromStdString(signature.result).toHtmlEscaped();
        const QString more = i + 1 == std::min(help.signatures.size(), most_shown) && help.signatures.size() > most_shown
                                 ? QStringLiteral(" <span style='color:%1'>%2</span>").arg(c.dim.name(), tr("and %n more", nullptr, static_cast<int>(help.signatures.size() - most_shown)))
                                 : QString();
        lines << QStringLiteral("<span style='font-family:\"%1\"; font-size:%2px'>%3(%4)</span>%5%6")
                     .arg(monoFont().family())
                     .arg(monoFont().pixelSize())
                     .arg(QString::fromStdString(signature.name).toHtmlEscaped(), arguments.join(QStringLiteral(", ")),
                          result.isEmpty() ? QString() : QStringLiteral(" <span style='color:%1'>→ %2</span>").arg(c.dim.name(), result), more);
    }
    const QString comment = QString::fromStdString(help.signatures.front().comment).simplified();
    if (!comment.isEmpty())
        lines << QStringLiteral("<span style='color:%1'>%2</span>").arg(c.dim.name(), comment.left(160).toHtmlEscaped());
    label_->setWordWrap(false);
    label_->setText(lines.join(QStringLiteral("<br>")));
    const int room = std::min(most_width, parentWidget()->width() - 2 * spacing::page);
    if (label_->sizeHint().width() > room) {
        label_->setWordWrap(true);
        label_->setFixedSize(room, label_->heightForWidth(room));
    } else {
        label_->setFixedSize(label_->sizeHint());
    }
    adjustSize();
    raise();
    setVisible(true);
}

void SignatureTip::place(int left, int top, int bottom)
{
    const QSize room = parentWidget()->size();
    const int y = top - height() - 2 >= 0 ? top - height() - 2 : bottom + 2;
    move(std::clamp(left, 0, std::max(0, room.width() - width())), y);
}

QString SignatureTip::text() const
{
    return label_->text();
}

} // namespace howdah::ui
