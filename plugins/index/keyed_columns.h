// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <utility>

#include "ui/table/keyed_model.h"
#include "ui/table/table_view.h"

namespace howdah::index_tool {

// Columns of this tool's tables, said shortly.

template <typename Row> ui::KeyedColumn<Row> column(const char *id, const QString &title, const QString &tooltip, int width, std::function<QString(const Row &)> text)
{
    ui::KeyedColumn<Row> made;
    made.id = QString::fromLatin1(id);
    made.title = title;
    made.tooltip = tooltip;
    made.width = width;
    made.text = std::move(text);
    return made;
}

template <typename Row>
ui::KeyedColumn<Row> number(const char *id, const QString &title, const QString &tooltip, int width, std::function<QString(const Row &)> text, std::function<QVariant(const Row &)> sort)
{
    ui::KeyedColumn<Row> made = column<Row>(id, title, tooltip, width, std::move(text));
    made.right = true;
    made.sort = std::move(sort);
    return made;
}

template <typename Row> void setUpColumns(ui::TableView *table, const ui::KeyedModel<Row> &model, const QString &stretched)
{
    QStringList ids;
    QList<int> widths;
    QList<bool> hidden;
    for (const ui::KeyedColumn<Row> &one : model.columns()) {
        ids << one.id;
        widths << one.width;
        hidden << one.hidden;
    }
    table->setColumns(ids, widths, hidden, static_cast<int>(ids.indexOf(stretched)));
}

} // namespace howdah::index_tool
