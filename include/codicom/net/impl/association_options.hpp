#pragma once
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/encoding/transcode.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/net/association_options.hpp>

namespace codicom {

inline association_options& association_options::propose_for(const std::filesystem::path& file) {
  const auto header = read_file_header(file);
  const auto& sop_class = header.meta.media_storage_sop_class_uid;
  const auto& syntax = header.meta.transfer_syntax_uid;
  contexts.add(sop_class, syntax);
  for (const auto& plain : {transfer_syntax::ExplicitVRLittleEndian, transfer_syntax::ImplicitVRLittleEndian})
    if (plain != syntax && is_transcodable(syntax, plain)) contexts.add(sop_class, plain);
  return *this;
}

}  // namespace codicom
