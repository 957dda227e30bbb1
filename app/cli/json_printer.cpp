// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/error_report.h"
#include "app/cli/output.h"
#include "app/cli/result_printer.h"

namespace howdah::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json &value)
{
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Most values are plain ASCII, which a JSON string holds as it is.
void appendString(std::string &out, std::string_view text)
{
    for (const char c : text) {
        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F) { // negative: not ASCII
            out += dumped(Json(text));
            return;
        }
    }
    out += '"';
    out += text;
    out += '"';
}

Json noticeJson(const pg::Notice &notice)
{
    Json object{{"severity", notice.severity}, {"message", notice.message}};
    const auto put = [&object](const char *key, const std::string &value) {
        if (!value.empty())
            object[key] = value;
    };
    put("sqlstate", notice.sqlstate);
    put("detail", notice.detail);
    put("hint", notice.hint);
    put("context", notice.context);
    return object;
}

/// Written while rows arrive, so that memory does not grow with them.
class JsonPrinter final : public ResultPrinter
{
public:
    explicit JsonPrinter(const std::string &script) : script_(script) { output().write("{\n\"statements\": ["); }

    void open(const RunningStatement &statement, const std::vector<pg::Column> &columns) override
    {
        Json described = Json::array();
        for (const pg::Column &column : columns)
            described.push_back({{"name", column.name}, {"type_oid", column.type_oid}});
        begin(statement);
        output().write(", \"columns\": " + dumped(described) + ", \"rows\": [");
        opened_ = true;
        first_row_ = true;
    }

    void rows(const RunningStatement &, const pg::RowStore &store, std::int64_t from, std::int64_t to) override
    {
        const std::size_t columns = store.columns().size();
        for (std::int64_t row = from; row < to; ++row) {
            std::string &out = output().buffer();
            out += first_row_ ? "\n[" : ",\n[";
            first_row_ = false;
            for (std::size_t column = 0; column < columns; ++column) {
                const pg::Cell cell = store.cell(row, column);
                if (column > 0)
                    out += ',';
                if (cell.is_null)
                    out += "null";
                else
                    appendString(out, cell.text);
            }
            out += ']';
            output().settle();
        }
    }

    void finish(const RunningStatement &statement, const pg::StatementOutcome &outcome) override
    {
        if (opened_)
            output().write("]");
        else
            begin(statement);
        opened_ = false;
        Json notices = Json::array();
        for (const pg::Notice &notice : statement.notices)
            notices.push_back(noticeJson(notice));
        std::string rest;
        if (!outcome.command_tag.empty())
            rest += ", \"command_tag\": " + dumped(outcome.command_tag);
        rest += fmt::format(", \"row_count\": {}", outcome.rows);
        if (outcome.truncated)
            rest += ", \"truncated\": true";
        rest += fmt::format(", \"first_row_ms\": {:.3f}, \"duration_ms\": {:.3f}", outcome.first_row_ms, outcome.duration_ms);
        rest += ", \"notices\": " + dumped(notices);
        if (outcome.error)
            rest += ", \"error\": " + dumped(errorJson(*outcome.error, script_));
        output().write(rest + "}");
    }

    void end(const pg::RunOutcome &outcome, bool left_open) override
    {
        std::string rest = fmt::format("\n],\n\"not_started\": {},\n\"duration_ms\": {:.3f}", outcome.not_started, outcome.duration_ms);
        if (left_open)
            rest += ",\n\"transaction_left_open\": true";
        if (outcome.error)
            rest += ",\n\"error\": " + dumped(errorJson(*outcome.error, script_));
        output().write(rest + "\n}\n");
    }

private:
    void begin(const RunningStatement &statement)
    {
        output().write(fmt::format("{}\n{{\"index\": {}, \"line\": {}, \"span\": [{}, {}]", first_statement_ ? "" : ",", statement.index,
                                   statement.line, statement.span.begin.value, statement.span.end.value));
        first_statement_ = false;
    }

    const std::string &script_;
    bool first_statement_ = true, first_row_ = true, opened_ = false;
};

} // namespace

std::unique_ptr<ResultPrinter> makeJsonPrinter(const std::string &script)
{
    return std::make_unique<JsonPrinter>(script);
}

} // namespace howdah::cli
