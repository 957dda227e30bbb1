// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include "ui/base/tone.h"

namespace howdah::ui {

/// A word on a tinted rounded ground, with an icon before it where there is one: "running", "1.0×",
/// "ACCESS EXCLUSIVE", "PRODUCTION · read-only".
class Pill : public QWidget
{
    Q_OBJECT
public:
    explicit Pill(QWidget *parent = nullptr);
    Pill(const QString &text, Tone tone, QWidget *parent = nullptr);

    void setText(const QString &text);
    [[nodiscard]] QString text() const { return text_; }
    void setTone(Tone tone);
    [[nodiscard]] Tone tone() const { return tone_; }
    /// File name in resources/icons without ".svg"; empty for none.
    void setIconName(const QString &name);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString text_;
    QString icon_name_;
    Tone tone_ = Tone::Neutral;
};

} // namespace howdah::ui
