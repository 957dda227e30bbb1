// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/json_colors.h"

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

qsizetype stringEnd(const QString &text, qsizetype begin)
{
    qsizetype end = begin + 1;
    while (end < text.size() && text[end] != QLatin1Char('"'))
        end += text[end] == QLatin1Char('\\') ? 2 : 1;
    return std::min(end + 1, text.size());
}

} // namespace

JsonColors::JsonColors(QTextDocument *document) : QSyntaxHighlighter(document)
{
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &QSyntaxHighlighter::rehighlight);
}

void JsonColors::highlightBlock(const QString &text)
{
    if (!active_)
        return;
    const Colors &c = colors();
    for (qsizetype at = 0; at < text.size();) {
        qsizetype end = at + 1;
        if (text[at] == QLatin1Char('"')) {
            end = stringEnd(text, at);
            const bool name = end < text.size() && text[end] == QLatin1Char(':');
            setFormat(static_cast<int>(at), static_cast<int>(end - at), name ? c.accent_ink : c.good_ink);
        } else if (text[at].isLetterOrNumber() || text[at] == QLatin1Char('-')) {
            while (end < text.size() && (text[end].isLetterOrNumber() || QStringView(u"+-.").contains(text[end])))
                ++end;
            setFormat(static_cast<int>(at), static_cast<int>(end - at), c.warn_ink);
        }
        at = end;
    }
}

} // namespace howdah::ui
