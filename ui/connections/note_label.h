// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace howdah::ui {

/// Dim sentences that wrap, as plain text. QLabel asks for the height that its text would need in a narrow column and
/// leaves holes in forms; this one asks for what it needs in a usual one, and layouts give it more where it wraps more.
class NoteLabel : public QLabel
{
    Q_OBJECT
public:
    explicit NoteLabel(QWidget *parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
};

} // namespace howdah::ui
