// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/grid_editing.h"

#include <algorithm>
#include <set>

#include <QCheckBox>
#include <QDialog>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/base/palette.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_view.h"

namespace howdah::ui {

namespace {

constexpr std::size_t most_rows_at_once = 10'000; ///< marked to be deleted by one key press

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

} // namespace

GridEditing::GridEditing(edit::EditableTable table, GridModel *model, GridView *view, QWidget *parent)
    : QWidget(parent), table_(std::move(table)), model_(model), view_(view), text_(new QLabel(this)), apply_(new QPushButton(tr("Review and apply…"), this)),
      discard_(new QPushButton(tr("Discard"), this))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Window);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(spacing::card, spacing::unit, spacing::control, spacing::unit);
    row->setSpacing(spacing::control);
    auto *caption = new QLabel(tr("Editing %1").arg(text(table_.name)), this);
    caption->setFont(captionFont());
    caption->setToolTip(tr("Rows are told apart by %1. Nothing changes before you have seen every statement.").arg(text(table_.key_name)));
    row->addWidget(caption);
    row->addWidget(text_, 1);
    text_->setProperty("role", QStringLiteral("dim"));
    const auto button = [this, row](const QString &picture, const QString &label, const QString &tip, void (GridEditing::*slot)()) {
        auto *made = new QPushButton(picture.isEmpty() ? QIcon() : icon(picture), label, this);
        made->setProperty("role", QStringLiteral("quiet"));
        made->setToolTip(tip);
        connect(made, &QPushButton::clicked, this, slot);
        row->addWidget(made);
        return made;
    };
    QPushButton *add = button(QStringLiteral("plus"), tr("Row"), tr("Add a row"), qOverload<>(&GridEditing::addRow));
    add->setEnabled(table_.can_insert);
    QPushButton *remove = button(QStringLiteral("trash"), tr("Delete"), tr("Mark the selected rows to be deleted, or take the mark away (Delete)"), &GridEditing::toggleDeleted);
    remove->setEnabled(table_.can_delete);
    apply_->setProperty("role", QStringLiteral("primary"));
    row->addWidget(discard_);
    row->addWidget(apply_);
    auto *close = button(QStringLiteral("close"), {}, tr("End editing"), &GridEditing::closeRequested);
    close->setAccessibleName(tr("End editing"));
    connect(apply_, &QPushButton::clicked, this, &GridEditing::applyRequested);
    connect(discard_, &QPushButton::clicked, this, &GridEditing::discard);
    model_->setEdits(&changes_, [this](int column) { return canEdit(column); });
    connect(model_, &GridModel::edited, this, &GridEditing::refresh);
    refresh();
}

GridEditing::~GridEditing()
{
    model_->setEdits(nullptr, {});
}

bool GridEditing::canEdit(int column) const
{
    const edit::EditColumn *found = table_.of(static_cast<std::size_t>(column));
    return table_.can_update && found != nullptr && !found->is_always_generated;
}

void GridEditing::refresh()
{
    const auto count = static_cast<int>(changes_.count());
    QString said = count == 0 ? tr("F2 or a double click changes a value, Ctrl+Shift+0 makes it NULL, Delete marks rows") : tr("%n row(s) changed", nullptr, count);
    if (!table_.required.empty() && count == 0)
        said += QStringLiteral(" · ") + tr("a new row needs columns that are not here: %1").arg(text(table_.required.front()));
    text_->setText(said);
    apply_->setEnabled(count > 0);
    discard_->setEnabled(count > 0);
    Q_EMIT changed();
}

std::vector<std::int64_t> GridEditing::selectedRows() const
{
    std::set<std::int64_t> rows;
    for (const result::CellBand &band : view_->selectedBands()) {
        for (std::int64_t row = band.first_row; row <= band.last_row && rows.size() < most_rows_at_once; ++row)
            rows.insert(model_->rows().sourceRow(row));
    }
    return {rows.begin(), rows.end()};
}

void GridEditing::setCurrentNull()
{
    for (const QModelIndex &index : {view_->currentIndex()}) {
        if (index.isValid() && canEdit(index.column()))
            model_->setValue(index, std::nullopt);
    }
}

void GridEditing::toggleDeleted()
{
    if (!table_.can_delete)
        return;
    const std::vector<std::int64_t> rows = selectedRows();
    const bool all = std::all_of(rows.begin(), rows.end(), [this](std::int64_t row) { return changes_.isDeleted(row); });
    for (const std::int64_t row : rows)
        changes_.setDeleted(row, !all);
    view_->viewport()->update();
    refresh();
}

void GridEditing::revertSelected()
{
    for (const std::int64_t row : selectedRows())
        changes_.revert(row);
    view_->viewport()->update();
    refresh();
}

void GridEditing::discard()
{
    changes_.clear();
    view_->viewport()->update();
    refresh();
}

void GridEditing::addRow(const std::map<std::size_t, edit::NewValue> &values)
{
    const std::size_t number = changes_.addRow();
    for (const auto &[column, value] : values)
        changes_.setNew(number, column, value);
    refresh();
}

void GridEditing::addRow()
{
    auto *dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Add a row to %1").arg(text(table_.name)));
    dialog->resize(460, 420);
    auto *layout = new QVBoxLayout(dialog);
    auto *scroll = new QScrollArea(dialog);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto *body = new QWidget(scroll);
    auto *form = new QFormLayout(body);
    struct Field {
        std::size_t column;
        QLineEdit *value;
        QCheckBox *null;
    };
    auto fields = std::make_shared<std::vector<Field>>();
    for (const edit::EditColumn &column : table_.columns) {
        if (column.is_always_generated)
            continue;
        auto *line = new QWidget(body);
        auto *row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        auto *value = new QLineEdit(line);
        value->setPlaceholderText(column.has_default ? tr("its default") : column.not_null ? tr("needed") : tr("NULL"));
        value->setToolTip(text(column.type));
        auto *null = new QCheckBox(tr("NULL"), line);
        null->setEnabled(!column.not_null);
        QObject::connect(null, &QCheckBox::toggled, value, &QWidget::setDisabled);
        row->addWidget(value, 1);
        row->addWidget(null);
        form->addRow(text(column.name), line);
        fields->push_back({column.result_column, value, null});
    }
    scroll->setWidget(body);
    layout->addWidget(scroll, 1);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, dialog);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, dialog, [this, dialog, fields] {
        std::map<std::size_t, edit::NewValue> values;
        for (const Field &field : *fields) {
            if (field.null->isChecked())
                values[field.column] = std::nullopt;
            else if (!field.value->text().isEmpty())
                values[field.column] = field.value->text().toStdString();
        }
        addRow(values);
        dialog->accept();
    });
    dialog->open();
}

void GridEditing::addActions(QMenu *menu)
{
    const QModelIndex current = view_->currentIndex();
    QAction *edit = menu->addAction(icon(QStringLiteral("edit")), tr("Change value"), this, [this, current] { view_->edit(current); });
    edit->setShortcut(Qt::Key_F2);
    edit->setEnabled(current.isValid() && canEdit(current.column()));
    menu->addAction(tr("Set to NULL"), this, &GridEditing::setCurrentNull)->setEnabled(current.isValid() && canEdit(current.column()));
    menu->addAction(icon(QStringLiteral("trash")), tr("Delete rows, or keep them"), this, &GridEditing::toggleDeleted)->setEnabled(table_.can_delete);
    menu->addAction(icon(QStringLiteral("undo")), tr("Take changes of these rows back"), this, &GridEditing::revertSelected);
    menu->addSeparator();
}

migration::ChangeScript GridEditing::script() const
{
    migration::ChangeScript script = edit::editScript(table_, *model_->rows().source, changes_.changes());
    script.all_or_nothing = true;
    return script;
}

} // namespace howdah::ui
