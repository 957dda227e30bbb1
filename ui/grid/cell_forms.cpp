// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/cell_forms.h"

#include <algorithm>
#include <array>

#include <QBuffer>
#include <QImageReader>

#include "core/result/value_kind.h"
#include "core/result/value_text.h"

namespace howdah::ui {

using namespace result::decode;

namespace {

constexpr std::size_t most_bytes = 64 * 1024 * 1024; ///< larger values are text
constexpr int most_pixels = 8'000;                   ///< a side of an image; larger ones are scaled while read
constexpr std::uint32_t xml_oid = 142;

bool isGeometric(std::string_view type)
{
    static constexpr std::array types{"point", "lseg", "box", "path", "polygon", "circle", "line"};
    return std::any_of(types.begin(), types.end(), [type](std::string_view known) { return known == type; });
}

QImage readImage(const std::string &bytes)
{
    QByteArray data = QByteArray::fromRawData(bytes.data(), static_cast<qsizetype>(bytes.size()));
    QBuffer buffer(&data);
    buffer.open(QIODevice::ReadOnly);
    QImageReader reader(&buffer);
    reader.setAutoTransform(true);
    if (const QSize size = reader.size(); size.width() > most_pixels || size.height() > most_pixels)
        reader.setScaledSize(size.scaled(most_pixels, most_pixels, Qt::KeepAspectRatio));
    return reader.read();
}

template <typename T> ReadForm picture(std::optional<T> read)
{
    return read ? ReadForm(ValuePicture::Content(std::move(*read))) : ReadForm();
}

ReadForm tree(std::optional<Tree> read)
{
    return read ? ReadForm(std::make_shared<const Tree>(std::move(*read))) : ReadForm();
}

} // namespace

CellForm cellFormOf(const pg::Column &column, const pg::Cell &cell)
{
    if (cell.is_null || cell.text.empty() || cell.text.size() > most_bytes)
        return CellForm::None;
    const result::ValueKind kind = result::valueKind(column.type_oid);
    const std::string_view known = result::builtinTypeName(column.type_oid);
    const std::string type = result::shownType(column);
    const std::size_t begin = cell.text.find_first_not_of(" \t\r\n");
    const char first = begin == std::string_view::npos ? ' ' : cell.text[begin];
    if (kind == result::ValueKind::Json)
        return first == '{' || first == '[' ? CellForm::JsonTree : CellForm::None;
    if (kind == result::ValueKind::Bytea)
        return imageFormat(result::decodeBytea(cell.text.substr(0, 2 + 64)).value_or(std::string())).empty() ? CellForm::None : CellForm::Image;
    if (type.ends_with("[]"))
        return CellForm::ArrayList;
    if (isGeometric(known))
        return CellForm::Geometry;
    if (known.ends_with("range") || type.ends_with("range"))
        return CellForm::Ranges;
    if (column.type_oid == xml_oid || (first == '<' && cell.text.find("</") != std::string_view::npos))
        return CellForm::XmlTree;
    if (!known.empty() || kind != result::ValueKind::Text)
        return first == '{' && cell.text.find('"') < cell.text.find(':') ? CellForm::JsonTree : CellForm::None;
    // A type of an extension or of the user.
    if (first == '[' && readVector(cell.text))
        return CellForm::Vector;
    if ((cell.text.starts_with("01") || cell.text.starts_with("00")) && readEwkb(cell.text))
        return CellForm::Ewkb;
    return first == '{' ? CellForm::ArrayList : CellForm::None;
}

bool isTree(CellForm form)
{
    return form == CellForm::JsonTree || form == CellForm::XmlTree || form == CellForm::ArrayList;
}

ValueTreeModel::Language languageOf(CellForm form)
{
    return form == CellForm::XmlTree ? ValueTreeModel::Language::Xml : form == CellForm::ArrayList ? ValueTreeModel::Language::Array : ValueTreeModel::Language::Json;
}

ReadForm readForm(CellForm form, std::string_view value, const std::string &type_name)
{
    switch (form) {
    case CellForm::JsonTree: return tree(readJson(value));
    case CellForm::XmlTree: return tree(readXml(value));
    case CellForm::ArrayList: return tree(readArray(value, type_name == "box[]" ? ';' : ','));
    case CellForm::Geometry: return picture(readGeometry(value, type_name));
    case CellForm::Ewkb: return picture(readEwkb(value));
    case CellForm::Ranges: return picture(readRanges(value));
    case CellForm::Vector: return picture(readVector(value));
    case CellForm::Image: {
        const auto bytes = result::decodeBytea(value);
        QImage image = bytes ? readImage(*bytes) : QImage();
        return image.isNull() ? ReadForm() : ReadForm(ValuePicture::Content(std::move(image)));
    }
    case CellForm::None: break;
    }
    return {};
}

} // namespace howdah::ui
