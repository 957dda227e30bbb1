// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include <QWidget>

#include "core/er/layout.h"
#include "core/pg/catalog.h"

class QLabel;
class QStackedWidget;

namespace howdah::ui {

class ErView;

/// A page with a diagram: title, zoom, export. The diagram is made on a thread of its own.
class ErPage : public QWidget
{
    Q_OBJECT
public:
    using Make = std::function<er::Diagram(const pg::Catalog &)>;
    ErPage(const QString &title, std::shared_ptr<const pg::Catalog> catalog, Make make, QWidget *parent = nullptr);
    [[nodiscard]] ErView *view() const { return view_; }

Q_SIGNALS:
    void opened(quint32 relation_oid);
    void drawn();

private:
    void accept(er::Diagram diagram);
    void exportTo(const QString &suffix);

    QString title_;
    ErView *view_ = nullptr;
    QLabel *count_ = nullptr;
    QStackedWidget *pages_ = nullptr;
};

} // namespace howdah::ui
