// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <memory>

#include <QThreadPool>

#include "core/sql/format.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/editor/second_view.h"
#include "ui/editor/sql_editor.h"
#include "ui/settings/settings.h"
#include "ui/shell/sql_page.h"

// Formatting: off the GUI thread, since a script of megabytes takes seconds.

namespace howdah::ui {

namespace {

sql::FormatOptions chosenOptions()
{
    const Settings &settings = Settings::instance();
    sql::FormatOptions options;
    const QString keywords = settings.get(Settings::formatKeywords());
    options.keywords = keywords == QStringLiteral("lower") ? sql::KeywordCase::Lower
        : keywords == QStringLiteral("keep")               ? sql::KeywordCase::Keep
                                                           : sql::KeywordCase::Upper;
    options.width = static_cast<std::size_t>(settings.get(Settings::formatWidth()));
    options.short_query = std::min(options.width, options.short_query);
    options.indent = static_cast<std::size_t>(settings.get(Settings::formatIndent()));
    return options;
}

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Formatting changes blanks alone, so the cursor belongs behind as many other characters as before.
std::size_t samePlace(std::string_view before, std::size_t at, std::string_view after)
{
    auto count = std::count_if(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(std::min(at, before.size())),
                               [](char c) { return !isBlank(c); });
    std::size_t place = 0;
    while (place < after.size() && count > 0)
        count -= isBlank(after[place++]) ? 0 : 1;
    return place;
}

} // namespace

void SqlPage::format(Scope scope)
{
    if (second_ && second_->hasFocus())
        second_->handOver();
    auto before = std::make_shared<const std::string>(editor_->utf8());
    ByteSpan span = editor_->selection();
    const bool selected = span.size() > 0 && scope == Scope::Current;
    if (scope == Scope::All)
        span = {{0}, {before->size()}};
    else if (!selected)
        span = editor_->currentStatement();
    if (span.size() == 0)
        return;
    using Done = std::function<void(std::shared_ptr<sql::Formatted>)>;
    const auto done = onGui(this, Done([this, before, span, selected](const std::shared_ptr<sql::Formatted> &formatted) {
        if (editor_->utf8() != *before)
            return; // typed on meanwhile: what was formatted is no longer there
        const std::string_view old = span.of(*before);
        if (formatted->text != old) {
            const std::size_t at = editor_->cursor().value;
            const std::size_t inside = at < span.begin.value ? 0 : samePlace(old, at - span.begin.value, formatted->text);
            editor_->replace(span, formatted->text);
            if (selected)
                editor_->select({span.begin, {span.begin.value + formatted->text.size()}});
            else
                editor_->setCursor({at < span.begin.value || at > span.end.value ? std::min(at, editor_->utf8().size())
                                                                                 : span.begin.value + inside});
        }
        if (formatted->kept.empty())
            return;
        const Error &reason = formatted->kept.front().reason;
        banner_->showMessage(Tone::Warn, tr("%n statement(s) were left as they are.", nullptr, static_cast<int>(formatted->kept.size())),
                             QString::fromStdString(reason.message), 8);
    }));
    QThreadPool::globalInstance()->start([before, span, options = chosenOptions(), done] {
        done(std::make_shared<sql::Formatted>(sql::format(span.of(*before), options)));
    });
}

} // namespace howdah::ui
