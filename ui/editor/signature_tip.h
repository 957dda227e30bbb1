// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include "core/complete/complete.h"

class QLabel;

namespace howdah::ui {

/// Over the line: how the function that is being called is called, with the present argument in bold.
class SignatureTip : public QFrame
{
    Q_OBJECT
public:
    explicit SignatureTip(QWidget *parent);
    void show(const complete::SignatureHelp &help);
    /// Over the line at `top`, under it where there is no room; in the parent's coordinates.
    void place(int left, int top, int bottom);
    [[nodiscard]] QString text() const;

private:
    void applyTheme();
    QLabel *label_;
};

} // namespace howdah::ui
