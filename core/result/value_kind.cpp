// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/value_kind.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace howdah::result {

namespace {

struct BuiltinType {
    std::uint32_t oid;
    std::string_view name;
    ValueKind kind = ValueKind::Text;
};

// Sorted by OID. These never change: they are fixed in pg_type.dat.
constexpr std::array builtin{
    BuiltinType{16, "bool", ValueKind::Boolean}, BuiltinType{17, "bytea", ValueKind::Bytea},
    BuiltinType{18, "\"char\""}, BuiltinType{19, "name"}, BuiltinType{20, "int8", ValueKind::Integer},
    BuiltinType{21, "int2", ValueKind::Integer}, BuiltinType{22, "int2vector"},
    BuiltinType{23, "int4", ValueKind::Integer}, BuiltinType{24, "regproc"}, BuiltinType{25, "text"},
    BuiltinType{26, "oid", ValueKind::Integer}, BuiltinType{27, "tid"}, BuiltinType{28, "xid", ValueKind::Integer},
    BuiltinType{29, "cid", ValueKind::Integer}, BuiltinType{30, "oidvector"},
    BuiltinType{114, "json", ValueKind::Json}, BuiltinType{142, "xml"}, BuiltinType{194, "pg_node_tree"},
    BuiltinType{199, "json[]"}, BuiltinType{600, "point"}, BuiltinType{601, "lseg"}, BuiltinType{602, "path"},
    BuiltinType{603, "box"}, BuiltinType{604, "polygon"}, BuiltinType{628, "line"}, BuiltinType{650, "cidr"},
    BuiltinType{700, "float4", ValueKind::Float}, BuiltinType{701, "float8", ValueKind::Float},
    BuiltinType{705, "unknown"}, BuiltinType{718, "circle"}, BuiltinType{774, "macaddr8"},
    BuiltinType{790, "money", ValueKind::Money}, BuiltinType{829, "macaddr"}, BuiltinType{869, "inet"},
    BuiltinType{1000, "bool[]"}, BuiltinType{1001, "bytea[]"}, BuiltinType{1002, "\"char\"[]"}, BuiltinType{1003, "name[]"},
    BuiltinType{1005, "int2[]"}, BuiltinType{1007, "int4[]"}, BuiltinType{1009, "text[]"},
    BuiltinType{1014, "bpchar[]"}, BuiltinType{1015, "varchar[]"}, BuiltinType{1016, "int8[]"},
    BuiltinType{1021, "float4[]"}, BuiltinType{1022, "float8[]"}, BuiltinType{1028, "oid[]"},
    BuiltinType{1041, "inet[]"}, BuiltinType{1042, "bpchar"}, BuiltinType{1043, "varchar"},
    BuiltinType{1082, "date", ValueKind::Date}, BuiltinType{1083, "time", ValueKind::Time},
    BuiltinType{1114, "timestamp", ValueKind::Timestamp}, BuiltinType{1115, "timestamp[]"},
    BuiltinType{1182, "date[]"}, BuiltinType{1183, "time[]"}, BuiltinType{1184, "timestamptz", ValueKind::Timestamp},
    BuiltinType{1185, "timestamptz[]"}, BuiltinType{1186, "interval", ValueKind::Interval},
    BuiltinType{1187, "interval[]"}, BuiltinType{1231, "numeric[]"}, BuiltinType{1266, "timetz", ValueKind::Time},
    BuiltinType{1560, "bit"}, BuiltinType{1562, "varbit"}, BuiltinType{1700, "numeric", ValueKind::Numeric},
    BuiltinType{1790, "refcursor"}, BuiltinType{2202, "regprocedure"}, BuiltinType{2203, "regoper"},
    BuiltinType{2204, "regoperator"}, BuiltinType{2205, "regclass"}, BuiltinType{2206, "regtype"},
    BuiltinType{2249, "record"}, BuiltinType{2278, "void"}, BuiltinType{2950, "uuid"}, BuiltinType{2951, "uuid[]"},
    BuiltinType{3220, "pg_lsn"}, BuiltinType{3614, "tsvector"}, BuiltinType{3615, "tsquery"},
    BuiltinType{3734, "regconfig"}, BuiltinType{3769, "regdictionary"}, BuiltinType{3802, "jsonb", ValueKind::Json},
    BuiltinType{3807, "jsonb[]"}, BuiltinType{3904, "int4range"}, BuiltinType{3906, "numrange"},
    BuiltinType{3908, "tsrange"}, BuiltinType{3910, "tstzrange"}, BuiltinType{3912, "daterange"},
    BuiltinType{3926, "int8range"}, BuiltinType{4072, "jsonpath"}, BuiltinType{4089, "regnamespace"},
    BuiltinType{4096, "regrole"}, BuiltinType{4451, "int4multirange"}, BuiltinType{4532, "nummultirange"},
    BuiltinType{4533, "tsmultirange"}, BuiltinType{4534, "tstzmultirange"}, BuiltinType{4535, "datemultirange"},
    BuiltinType{4536, "int8multirange"}, BuiltinType{5038, "pg_snapshot"},
    BuiltinType{5069, "xid8", ValueKind::Integer},
};
static_assert(std::is_sorted(builtin.begin(), builtin.end(), [](auto &a, auto &b) { return a.oid < b.oid; }));

const BuiltinType *find(std::uint32_t oid)
{
    const auto at = std::lower_bound(builtin.begin(), builtin.end(), oid, [](auto &type, auto wanted) { return type.oid < wanted; });
    return at != builtin.end() && at->oid == oid ? &*at : nullptr;
}

constexpr std::uint32_t bpchar_oid = 1042, varchar_oid = 1043, bit_oid = 1560, varbit_oid = 1562, numeric_oid = 1700;
constexpr int header_bytes = 4; ///< VARHDRSZ, which length modifiers count

/// The scale of numeric(p,s) takes 11 bits and may be negative since PostgreSQL 15.
std::string numericModifier(std::int32_t modifier)
{
    const int value = modifier - header_bytes;
    const int precision = (value >> 16) & 0xffff;
    const int scale = ((value & 0x7ff) ^ 1024) - 1024;
    return scale == 0 ? fmt::format("({})", precision) : fmt::format("({},{})", precision, scale);
}

} // namespace

ValueKind valueKind(std::uint32_t type_oid)
{
    const BuiltinType *type = find(type_oid);
    return type != nullptr ? type->kind : ValueKind::Text;
}

std::string_view builtinTypeName(std::uint32_t type_oid)
{
    const BuiltinType *type = find(type_oid);
    return type != nullptr ? type->name : std::string_view();
}

std::string shownType(const pg::Column &column)
{
    if (!column.type_name.empty())
        return column.type_name;
    std::string name(builtinTypeName(column.type_oid));
    const std::int32_t modifier = column.type_modifier;
    if (modifier < 0)
        return name;
    switch (column.type_oid) {
    case bpchar_oid:
    case varchar_oid: return fmt::format("{}({})", name, modifier - header_bytes);
    case bit_oid:
    case varbit_oid: return fmt::format("{}({})", name, modifier);
    case numeric_oid: return name + numericModifier(modifier);
    default: return name;
    }
}

bool isNumber(ValueKind kind)
{
    return kind == ValueKind::Integer || kind == ValueKind::Float || kind == ValueKind::Numeric || kind == ValueKind::Money;
}

bool isPlainNumber(std::string_view text)
{
    std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
    const auto digits = [&] {
        const std::size_t begin = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9')
            ++at;
        return at - begin;
    };
    const std::size_t whole_at = at;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[whole_at] == '0'))
        return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0)
            return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-'))
            ++at;
        if (digits() == 0)
            return false;
    }
    return at == text.size();
}

} // namespace howdah::result
