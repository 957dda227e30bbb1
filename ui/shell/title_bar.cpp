// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/title_bar.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/shell/link.h"

namespace howdah::ui {

namespace {

constexpr int strip_height = 3;

QString environmentWord(const std::string &environment)
{
    if (environment == "production")
        return TitleBar::tr("PRODUCTION");
    if (environment == "staging")
        return TitleBar::tr("staging");
    if (environment == "test")
        return TitleBar::tr("test");
    return environment == "development" ? QString() : QString::fromStdString(environment);
}

} // namespace

TitleBar::TitleBar(QWidget *parent) : QFrame(parent)
{
    setProperty("role", QStringLiteral("panel"));
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    strip_ = new QFrame(this);
    strip_->setFixedHeight(strip_height);
    strip_->setAutoFillBackground(true);
    outer->addWidget(strip_);

    auto *row = new QHBoxLayout;
    row->setContentsMargins(spacing::control, 3, spacing::control, 3);
    row->setSpacing(spacing::control);
    menus_ = new QMenuBar(this);
    menus_->setNativeMenuBar(false);
    menus_->setStyleSheet(QStringLiteral("QMenuBar { border: none; }"));
    menus_->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    row->addWidget(menus_);
    connection_ = new QToolButton(this);
    connection_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    connection_->setPopupMode(QToolButton::InstantPopup);
    connection_->setToolTip(tr("The connection of this page: choose another, or manage them"));
    connection_->setAccessibleName(tr("Connection"));
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    connection_->setFont(bold);
    connection_menu_ = new QMenu(connection_);
    connection_->setMenu(connection_menu_);
    row->addWidget(connection_);
    safety_ = new Pill(this);
    row->addWidget(safety_);
    row->addStretch(1);
    auto *commands = new QPushButton(icon(QStringLiteral("commands")), tr("Commands   Ctrl+Shift+P"), this);
    commands->setToolTip(tr("Find and run any command, table or page"));
    connect(commands, &QPushButton::clicked, this, &TitleBar::commandsRequested);
    row->addWidget(commands);
    outer->addLayout(row);
    outer->addWidget(hairline(this));
    showLink(nullptr);
}

void TitleBar::showLink(const Link *link)
{
    QPalette ground = strip_->palette();
    ground.setColor(QPalette::Window, link == nullptr ? colors().line : link->color());
    strip_->setPalette(ground);
    if (link == nullptr) {
        connection_->setText(tr("Not connected  ▾"));
        connection_->setIcon(icon(QStringLiteral("disconnect")));
        safety_->hide();
        return;
    }
    connection_->setText(link->title() + QStringLiteral("  ▾"));
    connection_->setIcon(icon(QStringLiteral("database"), link->color()));
    QStringList words;
    if (const QString environment = environmentWord(link->choice().saved.environment); !environment.isEmpty())
        words << environment;
    if (link->isReadOnly())
        words << tr("read-only");
    else if (link->isProduction())
        words << tr("writable");
    safety_->setVisible(!words.isEmpty());
    safety_->setText(words.join(QStringLiteral(" · ")));
    safety_->setIconName(link->isReadOnly() ? QStringLiteral("lock") : QString());
    safety_->setTone(!link->isProduction() ? Tone::Accent : link->isReadOnly() ? Tone::Warn : Tone::Bad);
    safety_->setToolTip(link->isReadOnly()
                            ? tr("The server refuses every change on this connection (default_transaction_read_only).")
                            : tr("Statements on this connection can change data."));
}

QString TitleBar::safetyText() const
{
    return safety_->isHidden() ? QString() : safety_->text();
}

} // namespace howdah::ui
