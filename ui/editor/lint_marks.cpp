// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/lint_marks.h"

#include <algorithm>
#include <array>

#include <QEvent>
#include <QKeyEvent>

#include "core/migration/effects_facts.h"
#include "core/migration/lint_facts.h"
#include "core/pg/catalog.h"
#include "ui/editor/editor_theme.h"
#include "ui/editor/lint_tip.h"
#include "ui/editor/sql_editor.h"
#include "ui/grid/latest_job.h"

namespace howdah::ui {

namespace {

using Sci = QsciScintillaBase;
using migration::LintFinding;
using migration::LintSeverity;

constexpr int pause_ms = 500;
constexpr int dwell_ms = 350;
constexpr int leave_ms = 250;
/// Dumps are opened to be looked at; they are no migrations.
constexpr std::size_t too_large_bytes = 2 * 1024 * 1024;

bool isDdlWord(std::string_view word)
{
    static constexpr std::array<std::string_view, 11> words{"alter", "create", "drop", "truncate", "reindex", "refresh", "cluster", "vacuum", "do", "lock", "comment"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view one) {
        return one.size() == word.size() && std::equal(one.begin(), one.end(), word.begin(), [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b | 0x20 : b); });
    });
}

std::string_view firstWord(std::string_view statement)
{
    sql::Lexer lexer(statement);
    for (sql::Token token; lexer.next(token);) {
        if (token.kind == sql::TokenKind::Identifier)
            return token.span.of(statement);
        if (token.kind != sql::TokenKind::Whitespace && token.kind != sql::TokenKind::LineComment && token.kind != sql::TokenKind::BlockComment)
            break;
    }
    return {};
}

/// A page is worked on piece by piece: what is half typed, or was run already, is no news.
bool isForPages(const LintFinding &finding, std::string_view text)
{
    const std::string_view group = finding.rule->group, name = finding.rule->name;
    if (group == "syntax" || name == "transaction-left-open")
        return false;
    return group == "transaction" || group == "suppression" || isDdlWord(firstWord(finding.statement.of(text)));
}

int indicatorOf(LintSeverity severity)
{
    return severity >= LintSeverity::Serious ? editor_indicator::lint_serious : severity == LintSeverity::Warning ? editor_indicator::lint_warning : editor_indicator::lint_info;
}

} // namespace

bool holdsDdl(std::string_view text)
{
    sql::Lexer lexer(text);
    bool at_start = true;
    for (sql::Token token; lexer.next(token);) {
        if (token.kind == sql::TokenKind::Whitespace || token.kind == sql::TokenKind::LineComment || token.kind == sql::TokenKind::BlockComment)
            continue;
        if (at_start && token.kind == sql::TokenKind::Identifier && isDdlWord(token.span.of(text)))
            return true;
        at_start = token.kind == sql::TokenKind::Semicolon || token.kind == sql::TokenKind::PsqlCommand;
    }
    return false;
}

struct LintMarks::Answer {
    quint64 revision = 0;
    std::vector<LintFinding> findings;
};

LintMarks::LintMarks(SqlEditor &editor) : QObject(&editor), editor_(editor), job_(new LatestJob(this))
{
    setObjectName(QStringLiteral("lint"));
    pause_.setSingleShot(true);
    pause_.setInterval(pause_ms);
    connect(&pause_, &QTimer::timeout, this, &LintMarks::start);
    leave_.setSingleShot(true);
    leave_.setInterval(leave_ms);
    connect(&leave_, &QTimer::timeout, this, [this] {
        if (tip_ != nullptr && !tip_->underMouse() && !tip_->isAncestorOf(tip_->focusWidget()))
            tip_->hide();
    });
    sci::send(&editor_, Sci::SCI_SETMOUSEDWELLTIME, dwell_ms);
    connect(&editor_, &Sci::SCN_MODIFIED, this, [this](int, int type, const char *, int, int, int, int, int, int, int) {
        if ((type & (Sci::SC_MOD_INSERTTEXT | Sci::SC_MOD_DELETETEXT)) == 0)
            return;
        ++revision_;
        fresh_ = false; // squiggles move with the text until the next answer
        if (tip_ != nullptr)
            tip_->hide();
        if (enabled_)
            pause_.start();
    });
    connect(&editor_, &Sci::SCN_DWELLSTART, this, [this](int position, int, int) {
        if (position >= 0)
            showAt(static_cast<std::size_t>(position));
    });
    connect(&editor_, &Sci::SCN_DWELLEND, this, [this](int, int, int) { leave_.start(); });
    editor_.installEventFilter(this);
}

LintMarks::~LintMarks() = default;

LintMarks *LintMarks::of(const SqlEditor &editor)
{
    return editor.findChild<LintMarks *>(QStringLiteral("lint"), Qt::FindDirectChildrenOnly);
}

void LintMarks::setKnowledge(LintKnowledge knowledge)
{
    const bool same = knowledge.catalog == knowledge_.catalog && knowledge.facts == knowledge_.facts && knowledge.lint_facts == knowledge_.lint_facts && knowledge.major == knowledge_.major;
    knowledge_ = std::move(knowledge);
    if (enabled_ && !same)
        pause_.start();
}

void LintMarks::setEnabled(bool enabled)
{
    if (enabled == enabled_)
        return;
    enabled_ = enabled;
    if (enabled) {
        pause_.start();
    } else {
        pause_.stop();
        job_->cancel();
        clear();
    }
}

void LintMarks::start()
{
    const auto text = std::make_shared<const std::string>(editor_.utf8());
    if (text->size() > too_large_bytes) {
        job_->cancel();
        clear();
        return;
    }
    const auto work = [text, knowledge = knowledge_, revision = revision_](std::stop_token) {
        Answer answer{revision, {}};
        if (!holdsDdl(*text))
            return answer;
        migration::LintOptions options;
        options.major = knowledge.major;
        options.catalog = knowledge.catalog.get();
        options.facts = knowledge.facts.get();
        options.lint_facts = knowledge.lint_facts.get();
        auto result = migration::lint(*text, options);
        if (!result)
            return answer;
        for (LintFinding &finding : result->findings) {
            if (isForPages(finding, *text))
                answer.findings.push_back(std::move(finding));
        }
        return answer;
    };
    job_->start<Answer>(work, [this](const Answer &answer) { accept(answer); });
}

void LintMarks::accept(const Answer &answer)
{
    if (answer.revision != revision_)
        return; // the next pause asks again
    findings_ = answer.findings;
    fresh_ = true;
    paint();
    Q_EMIT changed();
}

void LintMarks::paint()
{
    std::array<std::vector<ByteSpan>, 3> spans;
    const std::string text = findings_.empty() ? std::string() : editor_.utf8();
    for (const LintFinding &finding : findings_) {
        ByteSpan span = finding.span;
        // of what has several lines the first: the marks are to be read beside the text, not to cover it
        span.end = std::min(span.end, ByteOffset{std::min(text.find('\n', span.begin.value), text.size())});
        span.end = std::max(span.end, ByteOffset{span.begin.value + 1});
        spans[static_cast<std::size_t>(indicatorOf(finding.severity) - editor_indicator::lint_info)].push_back(span);
    }
    for (std::size_t i = 0; i < spans.size(); ++i)
        editor_.setHighlight(spans[i], editor_indicator::lint_info + static_cast<int>(i));
}

void LintMarks::clear()
{
    const bool had = !findings_.empty();
    findings_.clear();
    fresh_ = true;
    paint();
    if (tip_ != nullptr)
        tip_->hide();
    if (had)
        Q_EMIT changed();
}

void LintMarks::showAt(std::size_t position)
{
    if (!fresh_ || !enabled_)
        return;
    std::vector<LintFinding> here;
    for (const LintFinding &finding : findings_) {
        if (finding.span.begin.value <= position && position < std::max(finding.span.end.value, finding.span.begin.value + 1))
            here.push_back(finding);
    }
    if (here.empty()) {
        if (tip_ != nullptr)
            tip_->hide();
        return;
    }
    std::stable_sort(here.begin(), here.end(), [](const LintFinding &a, const LintFinding &b) { return a.severity > b.severity; });
    if (tip_ == nullptr) {
        tip_ = new LintTip(&editor_);
        tip_->installEventFilter(this);
        connect(tip_, &LintTip::suppressRequested, this, &LintMarks::suppress);
    }
    tip_->show(here);
    const int at = static_cast<int>(position);
    const int x = static_cast<int>(sci::send(&editor_, Sci::SCI_POINTXFROMPOSITION, 0, at)), y = static_cast<int>(sci::send(&editor_, Sci::SCI_POINTYFROMPOSITION, 0, at));
    const int height = static_cast<int>(sci::send(&editor_, Sci::SCI_TEXTHEIGHT, sci::lineOf(&editor_, at)));
    tip_->place(x, y, y + height);
}

bool LintMarks::goToNext()
{
    if (findings_.empty() || !fresh_)
        return false;
    const ByteOffset cursor = editor_.cursor();
    const auto next = std::find_if(findings_.begin(), findings_.end(), [&](const LintFinding &finding) { return finding.span.begin > cursor; });
    const ByteOffset to = (next == findings_.end() ? findings_.front() : *next).span.begin;
    editor_.select({to, to});
    showAt(to.value);
    return true;
}

/// A comment above the statement, with the cursor where the reason is to be written.
void LintMarks::suppress(const LintFinding &finding)
{
    if (!fresh_)
        return;
    const int line = sci::lineOf(&editor_, static_cast<int>(finding.statement.begin.value));
    const auto begin = static_cast<std::size_t>(sci::lineStart(&editor_, line));
    const std::string comment = std::string("-- howdah:ignore ") + finding.rule->name + ": ";
    editor_.replace({{begin}, {begin}}, comment + "\n");
    editor_.setCursor({begin + comment.size()});
    editor_.setFocus();
}

bool LintMarks::eventFilter(QObject *watched, QEvent *event)
{
    if (tip_ == nullptr || !tip_->isVisible())
        return QObject::eventFilter(watched, event);
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape) {
        tip_->hide();
        editor_.setFocus();
        return true;
    }
    if (watched == tip_ && event->type() == QEvent::Leave)
        leave_.start();
    if (watched == &editor_ && (event->type() == QEvent::Wheel || event->type() == QEvent::Resize))
        tip_->hide();
    return QObject::eventFilter(watched, event);
}

} // namespace howdah::ui
