// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/pg/connection_spec.h"
#include "core/replication/ask.h"
#include "core/replication/preflight.h"

namespace howdah::replication {

bool mayBegin(const std::vector<Check> &checks)
{
    return std::none_of(checks.begin(), checks.end(), [](const Check &check) { return check.required && !check.ok; });
}

Check &addCheck(std::vector<Check> &checks, const char *name, const char *node, bool ok, std::string figure, std::string message, std::string fix, bool required)
{
    Check check;
    check.name = name;
    check.node = node;
    check.ok = ok;
    check.figure = std::move(figure);
    check.message = std::move(message);
    check.fix_sql = ok ? std::string() : std::move(fix);
    check.required = required;
    return checks.emplace_back(std::move(check));
}

namespace {

/// The first line whose type, database, user and address fit; the server goes by the first one too. A line with a host
/// name is taken as fitting nothing: only the server can resolve it.
const char *const first_match = R"(
SELECT r.line_number, r.type, array_to_string(r.database, ',') AS databases, array_to_string(r.user_name, ',') AS users,
       COALESCE(r.address, '') AS address, r.auth_method
FROM pg_hba_file_rules r
WHERE r.error IS NULL
  AND CASE WHEN $3 = '' THEN r.type = 'local' ELSE r.type LIKE 'host%' END
  AND CASE WHEN $1 = 'replication' THEN 'replication' = ANY (r.database)
           ELSE r.database && ARRAY['all', $1::text]
             OR ('sameuser' = ANY (r.database) AND $1 = $2)
             OR ($1 <> '' AND EXISTS (SELECT FROM unnest(r.database) d WHERE left(d, 1) = '/' AND $1 ~ substr(d, 2))) END
  AND (r.user_name && ARRAY['all', $2::text]
       OR EXISTS (SELECT FROM unnest(r.user_name) u WHERE (left(u, 1) = '/' AND $2 ~ substr(u, 2))
                  OR (left(u, 1) = '+' AND EXISTS (SELECT FROM pg_roles g, pg_roles m WHERE g.rolname = substr(u, 2)
                      AND m.rolname = $2 AND pg_has_role(m.oid, g.oid, 'MEMBER')))))
  AND CASE WHEN $3 = '' OR r.address IN ('all', 'samehost', 'samenet') THEN true
           WHEN r.address ~ '^[0-9a-fA-F.:]+$' AND r.netmask IS NOT NULL AND family(r.address::inet) = family($3::inet)
           THEN (r.address::inet & r.netmask::inet) = (host($3::inet)::inet & r.netmask::inet) ELSE false END
ORDER BY r.line_number LIMIT 1)";

/// "" for a socket; else the address that the server sees.
std::string addressFor(pg::Connection &server, const std::string &conninfo, const std::string &address)
{
    if (!address.empty())
        return address;
    const auto described = pg::describe(conninfo);
    std::string host;
    if (described) {
        if (const auto found = described->find("hostaddr"); found != described->end())
            host = found->second;
        else if (const auto named = described->find("host"); named != described->end())
            host = named->second;
    }
    if (host.empty() || host.front() == '/')
        return {};
    const auto own = askText(server, "SELECT host(inet_client_addr())");
    return own && !own->empty() ? *own : "127.0.0.1";
}

} // namespace

Check hbaCheck(pg::Connection &server, const std::string &database, const std::string &role, const std::string &conninfo, const std::string &address)
{
    Check check;
    check.name = "pg_hba";
    const std::string from = addressFor(server, conninfo, address);
    const std::string how = from.empty() ? "through the socket" : "from " + from;
    const auto rows = ask(server, first_match, {database, role, from});
    if (!rows) {
        check.required = false;
        check.figure = "not readable";
        check.message = "Only a superuser may read pg_hba_file_rules, so it is not known whether " + role + " gets in " + how + ": " + rows.error().message;
        return check;
    }
    const std::string line = (from.empty() ? "local   " : "host    ") + database + "  " + role + (from.empty() ? "" : "  " + from + (from.find(':') == std::string::npos ? "/32" : "/128")) + "  scram-sha-256";
    if (rows->size() == 0) {
        check.figure = "no line fits";
        check.message = "pg_hba.conf lets " + role + " not into " + database + " " + how + ". Add the line \"" + line + "\" and reload." +
                        (database == "replication" ? " \"all\" as database does not cover replication." : " The replication keyword covers streaming only.");
        check.fix_sql = "SELECT pg_reload_conf()";
        return check;
    }
    const std::string method = rows->string(0, "auth_method");
    check.figure = "line " + rows->string(0, "line_number") + ": " + rows->string(0, "type") + " " + rows->string(0, "databases") + " " + rows->string(0, "users") +
                   (rows->string(0, "address").empty() ? "" : " " + rows->string(0, "address")) + " " + method;
    check.ok = method != "reject";
    check.message = check.ok ? role + " may connect to " + database + " " + how + "."
                             : "That line rejects it. Put \"" + line + "\" before it and reload.";
    return check;
}

} // namespace howdah::replication
