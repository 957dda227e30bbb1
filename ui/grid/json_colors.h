// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSyntaxHighlighter>

namespace howdah::ui {

/// Colours indented JSON: names, strings, numbers, words.
class JsonColors : public QSyntaxHighlighter
{
    Q_OBJECT
public:
    explicit JsonColors(QTextDocument *document);
    void setActive(bool active) { active_ = active; }

protected:
    void highlightBlock(const QString &text) override;

private:
    bool active_ = false;
};

} // namespace howdah::ui
