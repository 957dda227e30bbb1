// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <QString>
#include <QWidget>

#include "core/partition/scheme.h"

namespace howdah::partition_tool {

/// The partitions of one table along the range of its key: a block each, as wide as its range, as high as it has rows; gaps
/// hatched, what is open to one side and the default apart at the ends. Of lists and hashes each block has the same width.
/// Arrow keys walk, Enter opens; the pointer tells each block's figures.
class PartitionMap : public QWidget
{
    Q_OBJECT
public:
    enum class Coloring : std::uint8_t { Size, Age };

    explicit PartitionMap(QWidget *parent = nullptr);
    /// `scheme` must outlive the map or be set anew; `parent`: position in its tables.
    void setScheme(const partition::Scheme *scheme, std::size_t parent);
    void setColoring(Coloring coloring);
    /// Position in the scheme's tables; nothing: none is chosen.
    void setCurrent(std::optional<std::size_t> table);
    [[nodiscard]] std::optional<std::size_t> current() const { return current_; }

    struct Block {
        std::size_t table = partition::no_table; ///< no_table: a gap
        double begin = 0, end = 0;               ///< 0 to 1 of the width
        double height = 0;                       ///< 0 to 1
        double tint = 0;                         ///< 0 to 1: least to most, or oldest to youngest
        bool gap = false, is_default = false, open = false;
        QString name, takes, figures;
    };
    [[nodiscard]] const std::vector<Block> &blocks() const { return blocks_; }
    /// Where "now" is, 0 to 1; nothing for what is not a time, or when it lies outside.
    [[nodiscard]] std::optional<double> presentPlace() const { return present_; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosen(std::size_t table);
    void opened(std::size_t table);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool event(QEvent *event) override;

private:
    void layOut();
    void layOutRange(const partition::Table &parent);
    void layOutEvenly(const partition::Table &parent);
    [[nodiscard]] Block blockOf(std::size_t table, double most_rows) const;
    [[nodiscard]] QRectF area() const;
    [[nodiscard]] QRectF rectOf(const Block &block) const;
    [[nodiscard]] const Block *blockAt(const QPointF &point) const;
    void paintBlock(QPainter &painter, const Block &block) const;
    void paintAxis(QPainter &painter) const;
    void step(int by);

    const partition::Scheme *scheme_ = nullptr;
    std::size_t parent_ = 0;
    Coloring coloring_ = Coloring::Size;
    std::optional<std::size_t> current_;
    std::vector<Block> blocks_;
    std::vector<std::pair<double, QString>> ticks_;
    std::optional<double> present_;
};

} // namespace howdah::partition_tool
