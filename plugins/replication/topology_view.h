// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QWidget>

#include "core/replication/monitor.h"

class QToolButton;

namespace howdah::replication_tool {

/// The nodes from left to right, each link coloured and worded by what both ends say of it. A node can be chosen with
/// the pointer or the arrow keys.
class TopologyView : public QWidget
{
    Q_OBJECT
public:
    explicit TopologyView(QWidget *parent = nullptr);
    void setOverview(std::shared_ptr<const replication::Overview> overview);
    [[nodiscard]] QString chosen() const { return chosen_; }
    void choose(const QString &place);
    /// A button on each link over which a canary can be sent; none on a connection that may not write.
    void offerCanaries(bool offered);
    [[nodiscard]] const std::vector<QToolButton *> &canaries() const { return canaries_; }
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void placeChosen(const QString &place);
    void canaryRequested(std::size_t link);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    bool event(QEvent *event) override;

private:
    struct Box {
        QRectF rect;
        QString name, words;
        int depth = 0;
    };
    void arrange();
    void arrangeCanaries();
    [[nodiscard]] int boxAt(const QPointF &point) const;
    void paintLink(QPainter &painter, const replication::Link &link) const;
    void paintBox(QPainter &painter, std::size_t index) const;
    [[nodiscard]] QString linkText(const replication::Link &link) const;
    [[nodiscard]] QString detailsOf(std::size_t index) const;

    std::shared_ptr<const replication::Overview> overview_;
    std::vector<Box> boxes_; ///< of the places, in their order
    std::vector<QToolButton *> canaries_; ///< one for each link; hidden where nothing can be sent
    bool canaries_offered_ = false;
    QString chosen_;
    int columns_ = 1, rows_ = 1;
};

} // namespace howdah::replication_tool
