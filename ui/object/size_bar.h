// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QColor>
#include <QWidget>

namespace howdah::ui {

/// A bar of parts that add up to a whole, with the names and figures of the parts below it.
class SizeBar : public QWidget
{
    Q_OBJECT
public:
    struct Part {
        QString name;
        qint64 bytes = 0;
        int series = 0;   ///< which of Colors::series
    };
    explicit SizeBar(QWidget *parent = nullptr);
    void setParts(std::vector<Part> parts);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    std::vector<Part> parts_;
};

} // namespace howdah::ui
