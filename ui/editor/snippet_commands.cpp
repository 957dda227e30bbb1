// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing and keeping snippets in SqlEditor.
#include <algorithm>

#include <QDialog>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QRegularExpressionValidator>

#include "core/base/paths.h"
#include "ui/base/palette.h"
#include "ui/editor/snippet_session.h"
#include "ui/editor/sql_editor.h"

namespace howdah::ui {

namespace {

using Sci = QsciScintillaBase;

} // namespace

void SqlEditor::chooseSnippet()
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    bool own = false;
    for (const workspace::Snippet &snippet : SnippetSession::all()) {
        if (snippet.own && !own)
            menu->addSection(tr("Your own"));
        own = snippet.own;
        QAction *action = menu->addAction(QString::fromStdString(snippet.title) + QLatin1Char('\t') + QString::fromStdString(snippet.trigger),
                                          this, [this, snippet] { snippets_->insert(snippet); });
        action->setToolTip(QString::fromStdString(workspace::expandSnippet(snippet.body).text));
    }
    const long at = sci::send(this, Sci::SCI_GETCURRENTPOS);
    const QPoint place(static_cast<int>(sci::send(this, Sci::SCI_POINTXFROMPOSITION, 0, at)),
                       static_cast<int>(sci::send(this, Sci::SCI_POINTYFROMPOSITION, 0, at)) + textHeight(0));
    menu->popup(viewport()->mapToGlobal(place));
}

void SqlEditor::saveSnippet()
{
    const ByteSpan span = selection();
    if (span.size() == 0)
        return;
    const std::string text = utf8();
    workspace::Snippet snippet;
    snippet.body = std::string(span.of(text));
    snippet.own = true;

    auto *dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Save selection as snippet"));
    auto *form = new QFormLayout(dialog);
    form->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    auto *trigger = new QLineEdit(dialog);
    trigger->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[A-Za-z0-9_]+")), trigger));
    trigger->setToolTip(tr("What you type before Tab"));
    auto *title = new QLineEdit(dialog);
    form->addRow(tr("Short name"), trigger);
    form->addRow(tr("Title"), title);
    auto *note = new QLabel(tr("Write ${1:name} in the text for a place to fill in, $0 for where the cursor ends."), dialog);
    note->setProperty("role", QStringLiteral("dim"));
    note->setWordWrap(true);
    form->addRow(note);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, dialog);
    QPushButton *save = buttons->button(QDialogButtonBox::Save);
    save->setEnabled(false);
    form->addRow(buttons);
    connect(trigger, &QLineEdit::textChanged, save, [save](const QString &name) { save->setEnabled(!name.isEmpty()); });
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, dialog, [dialog, trigger, title, note, snippet]() mutable {
        snippet.trigger = trigger->text().toStdString();
        snippet.title = (title->text().isEmpty() ? trigger->text() : title->text()).toStdString();
        const auto file = paths::config() / "snippets.json";
        auto all = workspace::loadSnippets(file);
        Result<void> saved;
        if (all) {
            std::erase_if(*all, [&snippet](const workspace::Snippet &other) { return other.trigger == snippet.trigger; });
            all->push_back(snippet);
            saved = workspace::saveSnippets(file, *all);
        } else {
            saved = tl::unexpected(all.error());
        }
        if (!saved) {
            note->setText(QString::fromStdString(saved.error().message));
            return;
        }
        SnippetSession::reload();
        dialog->accept();
    });
    dialog->open();
}

} // namespace howdah::ui
