// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/actions/command_palette.h"

#include <algorithm>

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QScrollBar>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/actions/palette_delegate.h"
#include "ui/actions/palette_model.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

constexpr int shadow = 20;       ///< room around the panel that the shadow is painted in
constexpr int panel_width = 640;
constexpr int rows_in_sight = 11;
constexpr int recent_at_most = 12;
constexpr int radius = 10;

QString plain(qsizetype count)
{
    return QString::fromStdString(human::count(count));
}

} // namespace

CommandPalette::CommandPalette(QWidget *window) : QWidget(window), model_(new PaletteModel(this))
{
    hide();
    setAccessibleName(tr("Commands"));
    build();
    window->installEventFilter(this);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget *, QWidget *now) {
        // Null: the whole window lost the focus, for example to take a look at another one.
        if (isVisible() && now != nullptr && !isAncestorOf(now)) {
            focus_before_.clear(); // somebody has chosen another place already
            dismiss();
        }
    });
}

CommandPalette::~CommandPalette() = default;

void CommandPalette::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(shadow + 1, shadow + 1, shadow + 1, shadow + 1);
    layout->setSpacing(0);

    auto *head = new QHBoxLayout;
    head->setContentsMargins(spacing::page, spacing::control, spacing::control, spacing::control);
    auto *picture = new QLabel;
    const auto paint_picture = [picture] { picture->setPixmap(icon(QStringLiteral("search"), colors().dim).pixmap(18, 18)); };
    paint_picture();
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, picture, paint_picture);
    field_ = new QLineEdit;
    field_->setPlaceholderText(tr("Search commands, objects, columns, tabs, history, connections"));
    field_->setAccessibleName(tr("Search commands"));
    // The panel is the frame here; the field itself has none.
    field_->setStyleSheet(QStringLiteral("QLineEdit { border: none; background: transparent; font-size: 15px; min-height: 28px; }"));
    field_->installEventFilter(this);
    head->addWidget(picture);
    head->addWidget(field_, 1);
    layout->addLayout(head);

    signs_ = new QLabel;
    signs_->setProperty("role", QStringLiteral("dim"));
    signs_->setTextFormat(Qt::PlainText);
    signs_->setContentsMargins(spacing::page + 18 + spacing::control, 0, spacing::page, spacing::control);
    signs_->hide();
    layout->addWidget(signs_);
    layout->addWidget(hairline(this));

    list_ = new QListView;
    list_->setModel(model_);
    list_->setItemDelegate(new PaletteDelegate(list_));
    list_->setUniformItemSizes(true);
    list_->setMouseTracking(true);
    list_->setFocusPolicy(Qt::NoFocus);
    list_->setFrameShape(QFrame::NoFrame);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    list_->setAccessibleName(tr("Commands found"));
    list_->setStyleSheet(QStringLiteral("QListView { background: transparent; }"));
    connect(list_, &QListView::clicked, this, [this](const QModelIndex &index) { choose(index.row()); });
    layout->addSpacing(spacing::unit);
    layout->addWidget(list_, 1);

    nothing_ = new QLabel;
    nothing_->setProperty("role", QStringLiteral("dim"));
    nothing_->setAlignment(Qt::AlignCenter);
    nothing_->setWordWrap(true);
    nothing_->setContentsMargins(spacing::page, 2 * spacing::page, spacing::page, 2 * spacing::page);
    layout->addWidget(nothing_);
    layout->addSpacing(spacing::unit);

    footer_ = new QFrame;
    auto *foot = new QHBoxLayout(footer_);
    foot->setContentsMargins(spacing::page, 6, spacing::page, spacing::control);
    auto *keys = new QLabel(tr("↑ ↓ choose    Enter run    Esc close"));
    count_ = new QLabel;
    for (QLabel *label : {keys, count_, signs_}) {
        label->setProperty("role", QStringLiteral("dim"));
        QFont font = textFont();
        font.setPixelSize(font.pixelSize() - 2);
        label->setFont(font);
    }
    foot->addWidget(keys);
    foot->addStretch();
    foot->addWidget(count_);
    layout->addWidget(footer_);

    connect(field_, &QLineEdit::textChanged, this, &CommandPalette::search);
}

void CommandPalette::addSource(std::unique_ptr<PaletteSource> source)
{
    sources_.push_back(std::move(source));
}

void CommandPalette::popUp(const QString &typed)
{
    if (isVisible() && typed.isEmpty()) {
        dismiss();
        return;
    }
    if (!isVisible())
        focus_before_ = QApplication::focusWidget();
    ++opening_;
    next_source_ = 0;
    asked_by_sign_.clear();
    showSigns();
    model_->clear();
    model_->setRecent(recent_);
    {
        const QSignalBlocker quiet(field_);
        field_->setText(typed);
    }
    // The first source (actions) at once, so that the palette never opens empty.
    askNextSource();
    search(typed);
    adapt();
    show();
    raise();
    field_->setFocus(Qt::ShortcutFocusReason);
    field_->selectAll();
}

void CommandPalette::askNextSource()
{
    if (next_source_ >= sources_.size())
        return;
    const std::size_t place_of_source = next_source_++;
    const int row = list_->currentIndex().row();
    const QString key = row >= 0 ? model_->key(row) : QString();
    if (!sources_[place_of_source]->onlyBySign())
        askSource(place_of_source);
    // What is under the cursor stays under it, although better ones may have come above.
    int place = 0;
    for (int i = 0; row > 0 && i < model_->rowCount(); ++i) {
        if (model_->key(i) == key)
            place = i;
    }
    moveTo(place);
    adapt();
    QMetaObject::invokeMethod(
        this,
        [this, opening = opening_] {
            if (opening == opening_ && isVisible())
                askNextSource();
        },
        Qt::QueuedConnection);
}

void CommandPalette::askSource(std::size_t place)
{
    PaletteSource &source = *sources_[place];
    model_->addItems(source.title(), source.items(), source.sign(), source.onlyBySign());
}

void CommandPalette::askSources(QChar sign)
{
    for (std::size_t place = 0; place < sources_.size(); ++place) {
        const bool asked = std::find(asked_by_sign_.begin(), asked_by_sign_.end(), place) != asked_by_sign_.end();
        if (sources_[place]->sign() != sign || !sources_[place]->onlyBySign() || asked)
            continue;
        asked_by_sign_.push_back(place);
        askSource(place);
    }
}

QChar CommandPalette::signOf(const QString &typed) const
{
    const auto has = [&](const auto &source) { return !typed.isEmpty() && source->sign() == typed.front(); };
    return std::any_of(sources_.begin(), sources_.end(), has) ? typed.front() : QChar();
}

/// "@ objects   # columns": which signs there are and what they leave.
void CommandPalette::showSigns()
{
    QStringList hints;
    QString shown;
    for (const auto &source : sources_) {
        if (source->sign().isNull() || shown.contains(source->sign()))
            continue;
        shown += source->sign();
        hints << source->sign() + QLatin1Char(' ') + source->signHint();
    }
    signs_->setText(hints.join(QStringLiteral("      ")));
    signs_->setVisible(hints.size() > 1);
}

void CommandPalette::search(const QString &typed)
{
    const QChar sign = signOf(typed);
    model_->setScope(sign);
    if (!sign.isNull())
        askSources(sign);
    model_->setTyped(sign.isNull() ? typed : typed.mid(1).trimmed());
    moveTo(0);
    adapt();
}

void CommandPalette::dismiss()
{
    if (!isVisible())
        return;
    ++opening_;
    hide();
    if (focus_before_)
        focus_before_->setFocus(Qt::OtherFocusReason);
    focus_before_.clear();
    model_->clear();
}

void CommandPalette::choose(int row)
{
    if (row < 0 || row >= model_->rowCount() || !model_->item(row).enabled)
        return;
    const QString key = model_->key(row);
    const auto chosen = model_->item(row).chosen; // the model is empty once the palette is closed
    recent_.removeAll(key);
    recent_.prepend(key);
    recent_ = recent_.mid(0, recent_at_most);
    dismiss();
    Q_EMIT recentChanged(recent_);
    if (chosen)
        chosen();
}

void CommandPalette::setRecent(const QStringList &keys)
{
    recent_ = keys.mid(0, recent_at_most);
}

void CommandPalette::moveTo(int row)
{
    if (model_->rowCount() == 0)
        return;
    const QModelIndex index = model_->index(std::clamp(row, 0, model_->rowCount() - 1));
    list_->setCurrentIndex(index);
    list_->scrollTo(index);
}

void CommandPalette::moveBy(int rows)
{
    const int count = model_->rowCount();
    if (count == 0)
        return;
    const int now = list_->currentIndex().row();
    // One step leads around the ends, a page stops there.
    if (std::abs(rows) == 1)
        moveTo((now + rows + count) % count);
    else
        moveTo(now + rows);
}

bool CommandPalette::keyPressed(int key, Qt::KeyboardModifiers modifiers)
{
    const bool ctrl = modifiers.testFlag(Qt::ControlModifier);
    const int page = std::max(1, list_->height() / PaletteDelegate::row_height - 1);
    switch (key) {
    case Qt::Key_Escape: dismiss(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: choose(list_->currentIndex().row()); return true;
    case Qt::Key_Up: moveBy(-1); return true;
    case Qt::Key_Down: moveBy(1); return true;
    case Qt::Key_PageUp: moveBy(-page - (page == 1 ? 1 : 0)); return true;
    case Qt::Key_PageDown: moveBy(page + (page == 1 ? 1 : 0)); return true;
    case Qt::Key_Home:
        if (ctrl)
            moveTo(0);
        return ctrl;
    case Qt::Key_End:
        if (ctrl)
            moveTo(model_->rowCount() - 1);
        return ctrl;
    case Qt::Key_Tab:
    case Qt::Key_Backtab: return true; // there is nothing else to go to
    case Qt::Key_P:
        if (ctrl)
            dismiss();
        return ctrl;
    default: return false;
    }
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == field_) {
        // The window's shortcuts, Esc among them, wait while the palette is open.
        if (event->type() == QEvent::ShortcutOverride) {
            event->accept();
            return true;
        }
        if (event->type() == QEvent::KeyPress) {
            const auto *press = static_cast<QKeyEvent *>(event);
            if (keyPressed(press->key(), press->modifiers()))
                return true;
        }
    } else if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible()) {
        adapt();
    }
    return QWidget::eventFilter(watched, event);
}

void CommandPalette::adapt()
{
    const int rows = model_->rowCount();
    nothing_->setVisible(rows == 0);
    list_->setVisible(rows > 0);
    if (rows == 0)
        nothing_->setText(field_->text().isEmpty() ? tr("There is nothing to choose from yet.")
                                                   : tr("Nothing is called “%1”. Fewer letters find more.").arg(field_->text()));
    count_->setText(model_->matches() > rows ? tr("best %1 of %2").arg(plain(rows), plain(model_->matches()))
                                             : tr("%n found", nullptr, rows).replace(QLatin1StringView("%n"), plain(rows)));
    if (parentWidget() == nullptr)
        return;
    const QSize room = parentWidget()->size();
    const int width = std::min(panel_width, room.width() - 2 * spacing::page) + 2 * shadow;
    const int top = std::max(spacing::page, room.height() / 12);
    const int most = std::max(room.height() - top - spacing::page, 200);
    int list_height = std::min(rows, rows_in_sight) * PaletteDelegate::row_height;
    const int others = 2 * (shadow + 1) + 44 + 1 + 2 * spacing::unit + footer_->sizeHint().height() + (signs_->isHidden() ? 0 : signs_->sizeHint().height());
    list_height = std::clamp(most - others, 0, std::max(list_height, 0));
    list_->setFixedHeight(std::max(list_height, PaletteDelegate::row_height));
    layout()->activate();
    const int height = layout()->hasHeightForWidth() ? layout()->heightForWidth(width) : layout()->sizeHint().height();
    setGeometry((room.width() - width) / 2, top - shadow, width, height);
}

void CommandPalette::paintEvent(QPaintEvent *)
{
    const Colors &c = colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF panel = QRectF(rect()).adjusted(shadow, shadow, -shadow, -shadow);
    painter.setPen(Qt::NoPen);
    for (int i = shadow; i > 0; --i) {
        // Lower than the panel by a few pixels, as from a light above.
        const double share = 1.0 - static_cast<double>(i) / shadow;
        painter.setBrush(QColor(0, 0, 0, static_cast<int>((c.dark ? 18.0 : 7.0) * share * share) + 0));
        painter.drawRoundedRect(panel.adjusted(-i, -i + 5, i, i - 1), radius + i, radius + i);
    }
    painter.setPen(c.line);
    painter.setBrush(c.panel);
    painter.drawRoundedRect(panel.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
}

} // namespace howdah::ui
