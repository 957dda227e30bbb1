// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/er/er_page.h"

#include <thread>

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/base/bridge.h"
#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/er/er_view.h"

namespace howdah::ui {

ErPage::ErPage(const QString &title, std::shared_ptr<const pg::Catalog> catalog, Make make, QWidget *parent) : QWidget(parent), title_(title)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(spacing::page, spacing::control, spacing::page, spacing::control);
    head->setSpacing(spacing::control);
    auto *name = new QLabel(title);
    name->setFont(titleFont());
    count_ = new QLabel(tr("Drawing…"));
    count_->setProperty("role", QStringLiteral("dim"));
    head->addWidget(name);
    head->addSpacing(spacing::control);
    head->addWidget(count_);
    head->addStretch(1);
    view_ = new ErView;
    const auto button = [&](const char *icon_name, const QString &label, const QString &tooltip, std::function<void()> clicked) {
        auto *made = new QPushButton(icon(QLatin1String(icon_name)), label);
        made->setToolTip(tooltip);
        made->setAccessibleName(tooltip);
        connect(made, &QPushButton::clicked, this, std::move(clicked));
        head->addWidget(made);
        return made;
    };
    button("zoom-out", {}, tr("Smaller (-)"), [this] { view_->zoomBy(0.8); });
    button("zoom-in", {}, tr("Larger (+)"), [this] { view_->zoomBy(1.25); });
    button("fit", {}, tr("Show all of it (0)"), [this] { view_->fit(); });
    QPushButton *save = button("export", tr("Export"), tr("Save the diagram as a picture"), [] {});
    auto *menu = new QMenu(save);
    menu->addAction(tr("SVG…"), this, [this] { exportTo(QStringLiteral("svg")); });
    menu->addAction(tr("PNG…"), this, [this] { exportTo(QStringLiteral("png")); });
    save->setMenu(menu);
    layout->addLayout(head);
    layout->addWidget(hairline(this));
    pages_ = new QStackedWidget;
    pages_->addWidget(view_);
    pages_->addWidget(new EmptyState(QStringLiteral("foreign-key"), tr("No tables here"),
                                     tr("A diagram shows the tables of a schema and the foreign keys between them. This one has no tables yet.")));
    layout->addWidget(pages_, 1);
    connect(view_, &ErView::opened, this, &ErPage::opened);
    auto done = onGui<er::Diagram>(this, [this](er::Diagram diagram) { accept(std::move(diagram)); });
    std::thread([catalog = std::move(catalog), make = std::move(make), done] { done(make(*catalog)); }).detach();
}

void ErPage::accept(er::Diagram diagram)
{
    const int tables = static_cast<int>(diagram.boxes.size());
    const int keys = static_cast<int>(diagram.edges.size());
    count_->setText(tr("%1 tables · %2 foreign keys%3").arg(tables).arg(keys).arg(diagram.truncated ? tr(" · the first of more") : QString()));
    pages_->setCurrentIndex(tables == 0 ? 1 : 0);
    view_->setDiagram(std::move(diagram));
    Q_EMIT drawn();
}

void ErPage::exportTo(const QString &suffix)
{
    auto *dialog = new QFileDialog(this, tr("Export diagram"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    dialog->setNameFilter(suffix == QStringLiteral("svg") ? tr("SVG (*.svg)") : tr("PNG (*.png)"));
    dialog->selectFile(title_ + QLatin1Char('.') + suffix);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
        const QString trouble = view_->save(file);
        count_->setText(trouble.isEmpty() ? tr("Saved as %1").arg(file) : trouble);
    });
    dialog->open();
}

} // namespace howdah::ui
