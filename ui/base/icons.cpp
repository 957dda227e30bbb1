// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

/// Draws one of our stroke icons in one colour. The colour of an icon without one is looked up when it is
/// drawn, so that a change of theme needs no new icons.
class StrokeIconEngine final : public QIconEngine
{
public:
    StrokeIconEngine(QString name, QColor color) : name_(std::move(name)), color_(std::move(color)) { }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override
    {
        const qreal scale = painter->device() != nullptr ? painter->device()->devicePixelRatioF() : 1.0;
        QPixmap drawn = pixmap(rect.size() * scale, mode, state);
        drawn.setDevicePixelRatio(scale);
        painter->drawPixmap(rect, drawn);
    }

    /// `size` counts device pixels, as QIcon hands it over.
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State) override
    {
        const QColor color = tint(mode);
        const QString key = QStringLiteral("howdah-icon/%1/%2/%3x%4")
                                .arg(name_, color.name(QColor::HexArgb))
                                .arg(size.width())
                                .arg(size.height());
        QPixmap result;
        if (QPixmapCache::find(key, &result))
            return result;
        result = draw(size, color);
        QPixmapCache::insert(key, result);
        return result;
    }

    QIconEngine *clone() const override { return new StrokeIconEngine(name_, color_); }
    QString key() const override { return QStringLiteral("howdah"); }
    bool isNull() override { return !QFile::exists(file()); }
    QString iconName() override { return name_; }

private:
    [[nodiscard]] QString file() const { return QStringLiteral(":/howdah/icons/%1.svg").arg(name_); }

    [[nodiscard]] QColor tint(QIcon::Mode mode) const
    {
        QColor color = color_.isValid() ? color_ : colors().text;
        if (mode == QIcon::Disabled) {
            color = colors().dim;
            color.setAlphaF(0.5F);
        }
        return color;
    }

    [[nodiscard]] QPixmap draw(const QSize &size, const QColor &color) const
    {
        QPixmap result(size);
        result.fill(Qt::transparent);
        QFile source(file());
        if (size.isEmpty() || !source.open(QIODevice::ReadOnly))
            return result;
        QByteArray svg = source.readAll();
        // QtSvg does not know currentColor of a caller; the opacity goes through the painter.
        svg.replace("currentColor", color.name(QColor::HexRgb).toLatin1());
        QSvgRenderer renderer(svg);
        QPainter painter(&result);
        painter.setOpacity(color.alphaF());
        renderer.render(&painter);
        return result;
    }

    QString name_;
    QColor color_;
};

} // namespace

QIcon icon(const QString &name, const QColor &color)
{
    return QIcon(new StrokeIconEngine(name, color));
}

} // namespace howdah::ui
