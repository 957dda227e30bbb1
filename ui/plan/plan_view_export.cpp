// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves a PlanView: copies and files.
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QImage>
#include <QMenu>
#include <QSaveFile>
#include <QToolButton>

#include "core/plan/print.h"
#include "ui/base/palette.h"
#include "ui/plan/plan_canvas.h"
#include "ui/plan/plan_export.h"
#include "ui/plan/plan_view.h"

namespace howdah::ui {

void PlanView::buildExportMenu()
{
    auto *menu = new QMenu(export_);
    const auto copies = [&](const QString &text, auto what) {
        menu->addAction(icon(QStringLiteral("copy")), text, this, [this, what] {
            if (document_ != nullptr)
                QGuiApplication::clipboard()->setText(what(*document_, index_));
        });
    };
    copies(tr("Copy as text"), [](const PlanDocument &document, std::size_t index) {
        return QString::fromStdString(plan::printText(document.plans[index]).text);
    });
    copies(tr("Copy as Markdown"), &planMarkdown);
    copies(tr("Copy anonymised"), &anonymousText);
    copies(tr("Copy as it was read"), [](const PlanDocument &document, std::size_t) {
        return QString::fromStdString(document.source);
    });
    menu->addSeparator();
    const auto saves = [&](const QString &text, const QString &suffix, const QString &filter) {
        menu->addAction(icon(QStringLiteral("export")), text, this, [this, suffix, filter] { saveAs(suffix, filter); });
    };
    saves(tr("Save the tree as PNG…"), QStringLiteral("png"), tr("PNG pictures (*.png)"));
    saves(tr("Save the tree as SVG…"), QStringLiteral("svg"), tr("SVG drawings (*.svg)"));
    saves(tr("Save a web page…"), QStringLiteral("html"), tr("Web pages (*.html)"));
    saves(tr("Save as Markdown…"), QStringLiteral("md"), tr("Markdown (*.md)"));
    saves(tr("Save as JSON with figures…"), QStringLiteral("json"), tr("JSON (*.json)"));
    menu->setToolTipsVisible(true);
    export_->setMenu(menu);
}

void PlanView::saveAs(const QString &suffix, const QString &filter)
{
    if (document_ == nullptr)
        return;
    auto *dialog = new QFileDialog(this, tr("Save the plan"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    dialog->setNameFilter(filter);
    connect(dialog, &QFileDialog::fileSelected, this, [this, suffix](const QString &path) {
        if (const QString failed = exportTo(path, suffix); !failed.isEmpty())
            setNotice(tr("The plan was not saved."), failed);
    });
    dialog->open();
}

QString PlanView::exportTo(const QString &path, const QString &suffix)
{
    if (document_ == nullptr)
        return tr("There is no plan.");
    if (suffix == QStringLiteral("png")) {
        QImage image = canvas_->picture(2);
        if (image.isNull())
            image = canvas_->picture(0.5);
        if (image.isNull())
            return tr("The tree is too large for a picture; hide parts of it first, or save it as SVG.");
        return image.save(path, "PNG") ? QString() : tr("%1 cannot be written.").arg(path);
    }
    QByteArray content;
    if (suffix == QStringLiteral("svg"))
        content = canvas_->svg();
    else if (suffix == QStringLiteral("html"))
        content = planHtml(*document_, index_, canvas_->svg()).toUtf8();
    else if (suffix == QStringLiteral("md"))
        content = planMarkdown(*document_, index_).toUtf8();
    else if (suffix == QStringLiteral("json"))
        content = planJson(*document_);
    QSaveFile file(path); // an older file stays whole when this one cannot be written
    if (content.isEmpty() || !file.open(QIODevice::WriteOnly) || file.write(content) != content.size() || !file.commit())
        return content.isEmpty() ? tr("There is nothing to save.") : tr("%1: %2").arg(path, file.errorString());
    return {};
}

} // namespace howdah::ui
