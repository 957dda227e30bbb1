// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/cell_viewer.h"

#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QToolButton>

#include "core/base/human.h"
#include "core/base/text_offset.h"
#include "core/result/value_text.h"
#include "ui/base/elided_label.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/json_colors.h"
#include "ui/grid/value_picture.h"
#include "ui/grid/value_tree_view.h"

namespace howdah::ui {

namespace {

constexpr std::size_t piece_bytes = 1'000'000;
constexpr std::size_t copied_bytes = 100'000'000;
constexpr std::size_t counted_at_once = 1'000'000; ///< more bytes are counted on another thread
/// QTextLayout takes time in the square of a line's length: longer lines are broken on the screen alone.
constexpr qsizetype longest_line = 4'000;

const QString raw_form = QStringLiteral("text");
const QString json_form = QStringLiteral("json");
const QString hex_form = QStringLiteral("hex");
const QString tree_form = QStringLiteral("tree");
const QString picture_form = QStringLiteral("picture");

/// Where a piece that begins at `from` ends without cutting a character.
std::size_t pieceEnd(std::string_view text, std::size_t from)
{
    std::size_t end = std::min(text.size(), from + piece_bytes);
    while (end < text.size() && end > from && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return end;
}

QString withBrokenLines(const QString &text)
{
    QString out;
    qsizetype line = 0;
    qsizetype from = 0;
    for (qsizetype at = 0; at < text.size(); ++at) {
        line = text[at] == QLatin1Char('\n') ? 0 : line + 1;
        if (line < longest_line || text[at].isHighSurrogate())
            continue;
        out += QStringView(text).mid(from, at + 1 - from);
        out += QLatin1Char('\n');
        from = at + 1;
        line = 0;
    }
    if (from == 0)
        return text;
    out += QStringView(text).mid(from);
    return out;
}

QString displayable(std::string_view utf8)
{
    QString text = QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
    text.replace(QChar(u'\0'), QChar(u'\u2400'));
    return withBrokenLines(text);
}

QString count(std::size_t value)
{
    return QString::fromStdString(human::count(static_cast<std::int64_t>(value)));
}

std::string made(const QString &form, std::string_view value)
{
    if (form == json_form)
        return result::indentJson(value).value_or(std::string(value));
    return result::hexDump(result::decodeBytea(value).value_or(std::string(value)));
}

} // namespace

CellViewer::CellViewer(QWidget *parent)
    : QWidget(parent), title_(new ElidedLabel), facts_(new QLabel), forms_(new SegmentedTabs(SegmentedTabs::Look::Quiet)),
      wrap_(new QToolButton), pages_(new QStackedWidget), edit_(new QPlainTextEdit), tree_(new ValueTreeView), picture_(new ValuePicture), more_(new QWidget), more_text_(new QLabel),
      load_all_(new QPushButton(tr("Load all"))), json_colors_(new JsonColors(edit_->document()))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *head = new QWidget;
    buildHead(head);
    column->addWidget(head);
    edit_->setReadOnly(true);
    edit_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    edit_->setFont(monoFont());
    edit_->setFrameShape(QFrame::NoFrame);
    edit_->setStyleSheet(QStringLiteral("border: none; border-radius: 0;"));
    edit_->setAccessibleName(tr("Value of the cell"));
    pages_->addWidget(edit_);
    pages_->addWidget(tree_);
    pages_->addWidget(picture_);
    column->addWidget(pages_, 1);
    auto *more_row = new QHBoxLayout(more_);
    more_row->setContentsMargins(spacing::control, spacing::unit, spacing::control, spacing::unit);
    more_text_->setProperty("role", QStringLiteral("dim"));
    more_row->addWidget(more_text_, 1);
    more_row->addWidget(load_all_);
    column->addWidget(more_);
    more_->hide();

    connect(load_all_, &QPushButton::clicked, this, &CellViewer::loadAll);
    connect(forms_, &SegmentedTabs::currentChanged, this, &CellViewer::showForm);
    connect(&pieces_, &QTimer::timeout, this, &CellViewer::addPiece);
    showCell(nullptr, 0, 0);
}

void CellViewer::buildHead(QWidget *head)
{
    auto *rows = new QVBoxLayout(head);
    rows->setContentsMargins(spacing::card, spacing::unit, spacing::unit, spacing::unit);
    rows->setSpacing(2);
    auto *first = new QHBoxLayout;
    first->setSpacing(spacing::unit);
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    title_->setFont(bold);
    first->addWidget(title_, 1);
    wrap_->setIcon(icon(QStringLiteral("format")));
    wrap_->setCheckable(true);
    wrap_->setChecked(true);
    wrap_->setToolTip(tr("Wrap long lines"));
    wrap_->setAccessibleName(tr("Wrap long lines"));
    connect(wrap_, &QToolButton::toggled, this, &CellViewer::applyWrap);
    auto *copy = new QToolButton;
    copy->setIcon(icon(QStringLiteral("copy")));
    copy->setToolTip(tr("Copy the whole value"));
    copy->setAccessibleName(copy->toolTip());
    connect(copy, &QToolButton::clicked, this, &CellViewer::copyValue);
    auto *shut = new QToolButton;
    shut->setIcon(icon(QStringLiteral("close")));
    shut->setToolTip(tr("Close (Esc)"));
    shut->setAccessibleName(tr("Close"));
    connect(shut, &QToolButton::clicked, this, &CellViewer::closed);
    for (QToolButton *button : {wrap_, copy, shut})
        first->addWidget(button);
    auto *second = new QHBoxLayout;
    facts_->setProperty("role", QStringLiteral("dim"));
    second->addWidget(facts_, 1);
    second->addWidget(forms_);
    rows->addLayout(first);
    rows->addLayout(second);
}

void CellViewer::showCell(std::shared_ptr<const result::RowSource> owner, qint64 row, std::size_t column)
{
    pieces_.stop();
    job_.cancel();
    counting_.cancel();
    owner_ = std::move(owner);
    if (!owner_) {
        value_ = {};
        is_null_ = false;
        shown_ = 0;
        title_->setText(tr("No cell selected"));
        facts_->clear();
        more_->hide();
        forms_->hide();
        form_ = CellForm::None;
        tree_->show(nullptr, nullptr, ValueTreeModel::Language::Json);
        picture_->show({});
        pages_->setCurrentWidget(edit_);
        setText({});
        return;
    }
    const pg::Column &described = owner_->columns()[column];
    const pg::Cell cell = owner_->cell(row, column);
    const QString type = QString::fromStdString(result::shownType(described));
    const QString name = lineText(described.name);
    title_->setText(type.isEmpty() ? name : QStringLiteral("%1 · %2").arg(name, type));
    value_ = cell.text;
    is_null_ = cell.is_null;
    kind_ = result::valueKind(described.type_oid);
    type_ = type.toStdString();
    form_ = cellFormOf(described, cell);
    showFacts(cell);
    chooseForms(cell);
    showForm();
}

void CellViewer::chooseForms(const pg::Cell &cell)
{
    const QString before = forms_->current();
    const QSignalBlocker quiet(forms_);
    const std::size_t begin = cell.text.find_first_not_of(" \t\r\n");
    const bool like_json = begin != std::string_view::npos && (cell.text[begin] == '{' || cell.text[begin] == '[')
        && kind_ == result::ValueKind::Text && cell.text.size() <= piece_bytes && result::indentJson(cell.text);
    const bool json = !cell.is_null && (kind_ == result::ValueKind::Json || like_json);
    const bool hex = !cell.is_null && kind_ == result::ValueKind::Bytea;
    for (const QString &form : {tree_form, picture_form, json_form, hex_form, raw_form})
        forms_->removeSegment(form);
    const bool tree = isTree(form_);
    const bool picture = form_ != CellForm::None && !tree;
    if (tree)
        forms_->addSegment(tree_form, form_ == CellForm::ArrayList ? tr("List") : tr("Tree"), tr("Its parts, to fold and to search"));
    if (picture)
        forms_->addSegment(picture_form, form_ == CellForm::Image ? tr("Image") : tr("Drawn"));
    if (json)
        forms_->addSegment(json_form, tr("JSON"), tr("Indented"));
    if (hex)
        forms_->addSegment(hex_form, tr("Bytes"), tr("Hexadecimal, with the characters beside"));
    forms_->addSegment(raw_form, tr("Text"), tr("As the server sent it"));
    // An array of PostgreSQL may look like JSON by chance: its text comes first.
    forms_->setCurrent(like_json && kind_ != result::ValueKind::Json && cell.text[begin] == '[' ? raw_form
                       : json                                                                   ? json_form
                       : hex                                                                    ? hex_form
                                                                                                : raw_form);
    if (picture || (tree && !json))
        forms_->setCurrent(picture ? picture_form : tree_form);
    // What was chosen for the cell before holds for this one.
    if (forms_->isVisible() && (before == raw_form || before == tree_form || before == json_form || before == hex_form) && forms_->contains(before)
        && (json || hex || tree || picture))
        forms_->setCurrent(before);
    forms_->setVisible(json || hex || tree || picture);
}

void CellViewer::showFacts(const pg::Cell &cell)
{
    if (cell.is_null) {
        facts_->setText(tr("NULL: no value"));
        return;
    }
    const QString bytes = QString::fromStdString(human::bytes(static_cast<std::int64_t>(cell.text.size())));
    if (kind_ == result::ValueKind::Bytea && cell.text.starts_with("\\x")) {
        const std::size_t size = (cell.text.size() - 2) / 2;
        const QString exact = size == 1 ? tr("1 byte") : tr("%1 bytes").arg(count(size));
        const QString rounded = QString::fromStdString(human::bytes(static_cast<std::int64_t>(size)));
        facts_->setText(size < 1'000 ? exact : QStringLiteral("%1 · %2").arg(exact, rounded));
        return;
    }
    const auto say = [this, bytes](std::size_t characters) {
        facts_->setText(QStringLiteral("%1 · %2").arg(
            characters == 1 ? tr("1 character") : tr("%1 characters").arg(count(characters)), bytes));
    };
    const auto characters = [text = cell.text] { return toChars(text, ByteOffset{text.size()}).value; };
    if (cell.text.size() <= counted_at_once) {
        say(characters());
        return;
    }
    facts_->setText(bytes);
    counting_.start<std::size_t>([characters, keep = owner_](std::stop_token) { return characters(); }, say);
}

void CellViewer::showForm()
{
    pieces_.stop();
    job_.cancel();
    edit_->setPlaceholderText(is_null_ ? tr("NULL") : value_.empty() && owner_ ? tr("Empty text, not NULL") : QString());
    const QString form = forms_->current();
    const bool read = form == tree_form || form == picture_form;
    wrap_->setVisible(!read);
    if (read) {
        showRead();
        return;
    }
    pages_->setCurrentWidget(edit_);
    if (form == json_form || form == hex_form)
        showMade(form);
    else
        showRaw();
}

void CellViewer::showRaw()
{
    json_colors_->setActive(false);
    shown_ = pieceEnd(value_, 0);
    setText(displayable(value_.substr(0, shown_)));
    more_->setVisible(!isComplete());
    load_all_->show();
    more_text_->setText(tr("The first %1 of %2").arg(QString::fromStdString(human::bytes(static_cast<std::int64_t>(shown_))),
                                                     QString::fromStdString(human::bytes(static_cast<std::int64_t>(value_.size())))));
    Q_EMIT shownForm();
}

/// Indented JSON and bytes are made from the whole value where it is small, from its first megabyte of bytes, or not at all
/// where JSON is too large to be read: then the text is shown.
void CellViewer::showMade(const QString &form)
{
    std::string_view part = value_;
    if (form == hex_form && part.size() > piece_bytes / 2)
        part = part.substr(0, piece_bytes / 2);
    if (form == json_form && part.size() > 4 * piece_bytes) {
        showRaw();
        return;
    }
    const bool whole = part.size() == value_.size();
    const auto accept = [this, form, whole](const std::string &text) {
        json_colors_->setActive(form == json_form && text.size() <= piece_bytes);
        shown_ = value_.size();
        setText(displayable(text));
        more_->setVisible(!whole);
        load_all_->hide();
        more_text_->setText(tr("The beginning of the value; “Text” shows all of it"));
        Q_EMIT shownForm();
    };
    if (part.size() <= piece_bytes / 16) {
        accept(made(form, part));
        return;
    }
    setText({});
    edit_->setPlaceholderText(tr("Reading…"));
    job_.start<std::string>([form, part, keep = owner_](std::stop_token) { return made(form, part); },
                            [accept](const std::string &text) { accept(text); });
}

/// Small values are read at once, so that walking through cells does not flicker.
void CellViewer::showRead()
{
    more_->hide();
    shown_ = value_.size();
    const auto accept = [this](const ReadForm &read) {
        if (const auto *tree = std::get_if<std::shared_ptr<const result::decode::Tree>>(&read)) {
            tree_->show(*tree, owner_, languageOf(form_));
            pages_->setCurrentWidget(tree_);
            if (!(*tree)->complete) {
                more_text_->setText(tr("The first %1 parts; “Text” shows all of it").arg(count((*tree)->nodes.size())));
                load_all_->hide();
                more_->show();
            }
        } else if (const auto *picture = std::get_if<ValuePicture::Content>(&read)) {
            picture_->show(*picture);
            pages_->setCurrentWidget(picture_);
        } else {
            pages_->setCurrentWidget(edit_);
            wrap_->show();
            showRaw();
            return;
        }
        Q_EMIT shownForm();
    };
    if (value_.size() <= piece_bytes / 16) {
        accept(readForm(form_, value_, type_));
        return;
    }
    pages_->setCurrentWidget(edit_);
    setText({});
    edit_->setPlaceholderText(tr("Reading…"));
    job_.start<ReadForm>([form = form_, value = value_, type = type_, keep = owner_](std::stop_token) { return readForm(form, value, type); }, accept);
}

/// Lines of bytes stand below each other or say nothing.
void CellViewer::applyWrap()
{
    const bool bytes = forms_->current() == hex_form;
    wrap_->setEnabled(!bytes);
    edit_->setLineWrapMode(wrap_->isChecked() && !bytes ? QPlainTextEdit::WidgetWidth : QPlainTextEdit::NoWrap);
}

void CellViewer::setText(const QString &text)
{
    applyWrap();
    edit_->setPlainText(text);
}

void CellViewer::loadAll()
{
    load_all_->hide();
    pieces_.start(0);
}

void CellViewer::addPiece()
{
    const std::size_t end = pieceEnd(value_, shown_);
    QTextCursor cursor(edit_->document());
    cursor.movePosition(QTextCursor::End);
    cursor.insertText(displayable(value_.substr(shown_, end - shown_)));
    shown_ = end;
    more_text_->setText(tr("Loading: %1 of %2").arg(QString::fromStdString(human::bytes(static_cast<std::int64_t>(shown_))),
                                                    QString::fromStdString(human::bytes(static_cast<std::int64_t>(value_.size())))));
    if (isComplete()) {
        pieces_.stop();
        more_->hide();
        Q_EMIT shownForm();
    }
}

void CellViewer::copyValue()
{
    if (value_.size() > copied_bytes) {
        facts_->setText(tr("Too large for the clipboard: %1").arg(QString::fromStdString(human::bytes(static_cast<std::int64_t>(value_.size())))));
        return;
    }
    QApplication::clipboard()->setText(QString::fromUtf8(value_.data(), static_cast<qsizetype>(value_.size())));
}

QString CellViewer::text() const
{
    return edit_->toPlainText();
}

QString CellViewer::facts() const
{
    return facts_->text();
}

void CellViewer::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        Q_EMIT closed();
    else
        QWidget::keyPressEvent(event);
}

} // namespace howdah::ui
