// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connections/note_label.h"

namespace howdah::ui {

namespace {
constexpr int usual_width = 360;
constexpr int least_width = 160;
} // namespace

NoteLabel::NoteLabel(QWidget *parent) : QLabel(parent)
{
    setProperty("role", QStringLiteral("dim"));
    setWordWrap(true);
    setTextFormat(Qt::PlainText);
    setAlignment(Qt::AlignLeft | Qt::AlignTop);
}

QSize NoteLabel::sizeHint() const
{
    return {usual_width, heightForWidth(usual_width)};
}

QSize NoteLabel::minimumSizeHint() const
{
    return {least_width, fontMetrics().height()};
}

} // namespace howdah::ui
