// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/restyle.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEvent>
#include <QPointer>
#include <QStyle>
#include <QTimer>
#include <QWidget>

namespace howdah::ui {

namespace {

constexpr qint64 turn_ms = 8;

void polishOne(QWidget *widget)
{
    if (!widget->testAttribute(Qt::WA_WState_Polished))
        return; // Qt polishes it when it is first shown
    widget->style()->polish(widget);
    QEvent changed(QEvent::StyleChange);
    QCoreApplication::sendEvent(widget, &changed);
}

/// Parents before children, as colours and fonts are handed down.
template <typename Visit> void eachChild(const QWidget *widget, Visit visit)
{
    const QObjectList children = widget->children();
    for (QObject *child : children) {
        if (child->isWidgetType())
            visit(static_cast<QWidget *>(child));
    }
}

/// The roots of hidden parts that wait for the new sheet.
class Waiting final : public QObject
{
public:
    explicit Waiting(QObject *parent) : QObject(parent)
    {
        timer_.setInterval(0);
        connect(&timer_, &QTimer::timeout, this, &Waiting::turn);
    }

    void clear()
    {
        roots_.clear();
        rest();
    }

    void add(QWidget *root) { roots_.append(root); }

    void go()
    {
        if (roots_.isEmpty())
            return;
        timer_.start();
        qApp->installEventFilter(this);
    }

    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::Show && watched->isWidgetType()) {
            auto *widget = static_cast<QWidget *>(watched);
            if (roots_.removeOne(widget))
                take(widget);
        }
        return false;
    }

private:
    /// What becomes visible with the root; parts that stay hidden wait on.
    void take(QWidget *root)
    {
        polishOne(root);
        eachChild(root, [this](QWidget *child) {
            if (child->isHidden())
                add(child);
            else
                take(child);
        });
    }

    void turn()
    {
        QElapsedTimer timer;
        timer.start();
        while (!roots_.isEmpty() && timer.elapsed() < turn_ms) {
            if (QWidget *root = roots_.takeLast())
                take(root);
        }
        rest();
    }

    void rest()
    {
        if (!roots_.isEmpty())
            return;
        timer_.stop();
        qApp->removeEventFilter(this);
    }

    QTimer timer_;
    QList<QPointer<QWidget>> roots_;
};

} // namespace

namespace {

/// The outermost hidden widgets: what is within them is not seen either.
void findHidden(QWidget *widget, QWidgetList &roots)
{
    if (widget->isHidden())
        roots.append(widget);
    else
        eachChild(widget, [&roots](QWidget *child) { findHidden(child, roots); });
}

void collectPolished(QWidget *widget, QWidgetList &polished)
{
    if (widget->testAttribute(Qt::WA_WState_Polished))
        polished.append(widget);
    eachChild(widget, [&polished](QWidget *child) { collectPolished(child, polished); });
}

/// Swallows the word of a new style where it is not wanted yet: by itself it lays splitters and scroll areas out anew.
class Silence final : public QObject
{
public:
    Silence() { qApp->installEventFilter(this); }
    bool only_hidden = false;

    bool eventFilter(QObject *watched, QEvent *event) override
    {
        return event->type() == QEvent::StyleChange && watched->isWidgetType() &&
               (!only_hidden || !static_cast<QWidget *>(watched)->testAttribute(Qt::WA_WState_Polished));
    }
};

/// Qt drops what it knows of every widget's own colours with the last style that reads sheets; one stays alive.
void keepStyleAlive()
{
    static QObject *const keeper = [] {
        auto *widget = new QWidget;
        widget->setStyleSheet(QStringLiteral("QWidget { }"));
        QObject::connect(qApp, &QCoreApplication::aboutToQuit, widget, &QObject::deleteLater);
        return widget;
    }();
    Q_UNUSED(keeper);
}

} // namespace

void restyle(QApplication &application, const QString &sheet)
{
    if (application.styleSheet().isEmpty()) {
        application.setStyleSheet(sheet);
        return;
    }
    keepStyleAlive();
    static QPointer<Waiting> waiting;
    if (waiting.isNull())
        waiting = new Waiting(&application);
    waiting->clear();
    QWidgetList roots;
    const QWidgetList windows = QApplication::topLevelWidgets();
    for (QWidget *window : windows) {
        if (window->parentWidget() == nullptr)
            findHidden(window, roots);
    }
    QWidgetList later;
    for (QWidget *root : std::as_const(roots)) {
        waiting->add(root);
        collectPolished(root, later);
    }
    // By this mark Qt knows which widgets to polish when the style changes, as it does twice here, each time once.
    for (QWidget *widget : std::as_const(later))
        widget->setAttribute(Qt::WA_WState_Polished, false);
    Silence silence;
    application.setStyleSheet(QString());
    silence.only_hidden = true;
    application.setStyleSheet(sheet);
    for (QWidget *widget : std::as_const(later))
        widget->setAttribute(Qt::WA_WState_Polished, true);
    waiting->go();
}

} // namespace howdah::ui
