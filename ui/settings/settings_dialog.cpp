// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/settings_dialog.h"

#include <algorithm>

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/base/card.h"
#include "ui/base/palette.h"
#include "ui/settings/settings.h"

namespace howdah::ui {

namespace {

constexpr int control_width = 190;

QLabel *wrapped(const QString &text, const char *role = nullptr)
{
    auto *label = new QLabel(text);
    label->setWordWrap(true);
    if (role != nullptr)
        label->setProperty("role", QString::fromLatin1(role));
    return label;
}

bool matches(const SettingInfo &info, const QStringList &words)
{
    const QString all = QStringList{info.group, info.title, info.explanation, info.choice_titles.join(QLatin1Char(' '))}
                            .join(QLatin1Char(' '));
    return std::all_of(words.begin(), words.end(),
                       [&all](const QString &word) { return all.contains(word, Qt::CaseInsensitive); });
}

} // namespace

SettingsDialog::SettingsDialog(Settings &settings, QWidget *parent) : QDialog(parent), settings_(settings)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Settings"));
    auto *page = new QVBoxLayout(this);
    page->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    page->setSpacing(spacing::card);
    auto *title = new QLabel(tr("Settings"));
    title->setProperty("role", QStringLiteral("title"));
    search_ = new QLineEdit;
    search_->setPlaceholderText(tr("Search settings"));
    search_->setAccessibleName(tr("Search settings"));
    search_->setClearButtonEnabled(true);
    search_->addAction(icon(QStringLiteral("search"), colors().dim), QLineEdit::LeadingPosition);
    search_->setMaximumWidth(260);
    auto *head = new QHBoxLayout;
    head->addWidget(title);
    head->addStretch();
    head->addWidget(search_, 1);
    page->addLayout(head);

    auto *content = new QWidget;
    auto *list = new QVBoxLayout(content);
    list->setContentsMargins(0, 0, 0, 0);
    list->setSpacing(spacing::control);
    for (const SettingInfo &info : Settings::all())
        addRow(info, list);
    nothing_ = wrapped(QString(), "dim");
    nothing_->setAlignment(Qt::AlignCenter);
    nothing_->setContentsMargins(0, 2 * spacing::page, 0, 0);
    list->addWidget(nothing_);
    list->addStretch();
    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    scroll->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    page->addWidget(scroll, 1);

    auto *foot = new QHBoxLayout;
    auto *close = new QPushButton(tr("Close"));
    close->setAutoDefault(false);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    foot->addWidget(wrapped(tr("Changes hold at once."), "dim"), 1);
    foot->addWidget(close);
    page->addLayout(foot);

    connect(search_, &QLineEdit::textChanged, this, &SettingsDialog::filter);
    connect(&settings_, &Settings::changed, this, &SettingsDialog::showAll);
    showAll();
    filter(QString());
    resize(660, 690);
}

SettingsDialog::Group &SettingsDialog::groupOf(const QString &name, QVBoxLayout *page)
{
    for (Group &group : groups_) {
        if (group.name == name)
            return group;
    }
    auto *widget = new QWidget;
    auto *layout = new QVBoxLayout(widget);
    layout->setContentsMargins(0, 0, 0, spacing::control);
    layout->setSpacing(spacing::control);
    layout->addWidget(wrapped(name, "caption"));
    auto *card = new Card;
    card->setObjectName(QStringLiteral("rows"));
    card->body()->setContentsMargins(1, spacing::unit, 1, spacing::unit);
    card->body()->setSpacing(0);
    layout->addWidget(card);
    page->addWidget(widget);
    return groups_.emplace_back(Group{name, widget, {}});
}

void SettingsDialog::addRow(const SettingInfo &info, QVBoxLayout *page)
{
    Group &group = groupOf(info.group, page);
    auto *widget = new QWidget;
    auto *layout = new QHBoxLayout(widget);
    layout->setContentsMargins(spacing::card, spacing::control, spacing::control, spacing::control);
    layout->setSpacing(spacing::control);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(wrapped(info.title));
    texts->addWidget(wrapped(info.explanation, "dim"));
    layout->addLayout(texts, 1);
    QWidget *control = makeControl(info);
    control->setAccessibleName(info.title);
    control->setAccessibleDescription(info.explanation);
    control->setFocusPolicy(Qt::StrongFocus);
    control->installEventFilter(this);
    layout->addWidget(control, 0, Qt::AlignRight | Qt::AlignVCenter);
    auto *restore = new QPushButton;
    restore->setIcon(icon(QStringLiteral("undo")));
    restore->setProperty("role", QStringLiteral("flat"));
    restore->setAutoDefault(false);
    restore->setToolTip(tr("Restore the default"));
    restore->setAccessibleName(tr("Restore the default of %1").arg(info.title));
    restore->setFixedSize(30, 28);
    restore->setStyleSheet(QStringLiteral("QPushButton { padding: 0; }"));
    // Its place is kept when it is hidden, so that the controls stay in one column.
    QSizePolicy policy = restore->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    restore->setSizePolicy(policy);
    connect(restore, &QPushButton::clicked, this, [this, &info] { settings_.restore(info); });
    layout->addWidget(restore);
    group.widget->findChild<Card *>(QStringLiteral("rows"))->body()->addWidget(widget);
    group.rows.push_back({&info, widget, control, restore});
}

QWidget *SettingsDialog::makeControl(const SettingInfo &info)
{
    if (info.standard.typeId() == QMetaType::Bool) {
        auto *box = new QCheckBox;
        connect(box, &QCheckBox::toggled, this, [this, &info](bool on) { settings_.setValue(info, on); });
        return box;
    }
    if (info.standard.typeId() == QMetaType::Int) {
        auto *box = new QSpinBox;
        box->setRange(info.low, info.high);
        box->setSingleStep(info.step);
        box->setSuffix(info.unit);
        box->setGroupSeparatorShown(true);
        box->setKeyboardTracking(false);
        box->setButtonSymbols(QAbstractSpinBox::NoButtons); // arrow keys and the wheel step
        box->setFixedWidth(control_width);
        connect(box, &QSpinBox::valueChanged, this, [this, &info](int value) { settings_.setValue(info, value); });
        return box;
    }
    auto *box = new QComboBox;
    for (qsizetype i = 0; i < info.choices.size(); ++i)
        box->addItem(info.choice_titles.value(i, info.choices.at(i)), info.choices.at(i));
    box->setFixedWidth(control_width);
    connect(box, &QComboBox::currentIndexChanged, this,
            [this, &info, box](int index) { settings_.setValue(info, box->itemData(index)); });
    return box;
}

/// Scrolling through the page must not change what happens to pass under the pointer.
bool SettingsDialog::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Wheel) {
        const auto *control = qobject_cast<QWidget *>(watched);
        if (control != nullptr && !control->hasFocus()) {
            event->ignore();
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void SettingsDialog::showValue(const Row &row)
{
    const QVariant value = settings_.value(*row.info);
    const QSignalBlocker quiet(row.control);
    if (auto *check = qobject_cast<QCheckBox *>(row.control))
        check->setChecked(value.toBool());
    else if (auto *number = qobject_cast<QSpinBox *>(row.control))
        number->setValue(value.toInt());
    else if (auto *choices = qobject_cast<QComboBox *>(row.control))
        choices->setCurrentIndex(choices->findData(value));
    row.restore->setVisible(!settings_.isStandard(*row.info));
}

void SettingsDialog::showAll()
{
    for (const Group &group : groups_) {
        for (const Row &row : group.rows)
            showValue(row);
    }
}

void SettingsDialog::filter(const QString &typed)
{
    const QStringList words = typed.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    bool any = false;
    for (const Group &group : groups_) {
        bool in_group = false;
        for (const Row &row : group.rows) {
            const bool shown = matches(*row.info, words);
            row.widget->setVisible(shown);
            in_group = in_group || shown;
        }
        group.widget->setVisible(in_group);
        any = any || in_group;
    }
    nothing_->setVisible(!any);
    nothing_->setText(tr("No setting is about “%1”.").arg(typed));
}

} // namespace howdah::ui
