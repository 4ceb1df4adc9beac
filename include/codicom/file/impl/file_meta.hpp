#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/file/file_meta.hpp>

#include <array>

namespace codicom {

namespace detail {

inline constexpr wire_format file_meta_format{true, false, false, false};  // PS3.10 §7.1
inline constexpr std::size_t preamble_size = 128;

}  // namespace detail

CODICOM_FUNCTION file_meta file_meta::of(const data_set& object, const unique_id& transfer_syntax) {
  return {object.uid(tag::SOPClassUID).value_or(unique_id{}), object.uid(tag::SOPInstanceUID).value_or(unique_id{}),
          transfer_syntax};
}

CODICOM_FUNCTION file_meta to_file_meta(const data_set& group_2) {
  file_meta meta;
  meta.media_storage_sop_class_uid = group_2.uid(tag::MediaStorageSOPClassUID).value_or(unique_id{});
  meta.media_storage_sop_instance_uid = group_2.uid(tag::MediaStorageSOPInstanceUID).value_or(unique_id{});
  meta.transfer_syntax_uid = group_2.uid(tag::TransferSyntaxUID).value_or(unique_id{});
  meta.implementation_class_uid = group_2.uid(tag::ImplementationClassUID).value_or(unique_id{});
  meta.implementation_version_name = group_2.text(tag::ImplementationVersionName);
  meta.source_application_entity_title = group_2.text(tag::SourceApplicationEntityTitle);
  meta.sending_application_entity_title = group_2.text(tag::SendingApplicationEntityTitle);
  meta.receiving_application_entity_title = group_2.text(tag::ReceivingApplicationEntityTitle);
  meta.other = group_2;
  for (const element_tag known : std::array<element_tag, 10>{
           tag::FileMetaInformationGroupLength, tag::FileMetaInformationVersion, tag::MediaStorageSOPClassUID,
           tag::MediaStorageSOPInstanceUID, tag::TransferSyntaxUID, tag::ImplementationClassUID,
           tag::ImplementationVersionName, tag::SourceApplicationEntityTitle, tag::SendingApplicationEntityTitle,
           tag::ReceivingApplicationEntityTitle})
    meta.other.erase(known);
  return meta;
}

CODICOM_FUNCTION std::vector<std::byte> encode_file_header(const file_meta& meta) {
  data_set group_2 = meta.other;
  constexpr std::array version{std::byte{0}, std::byte{1}};
  group_2.set(tag::FileMetaInformationGroupLength, 0u).set(tag::FileMetaInformationVersion, byte_span{version});
  const auto set = [&](auto where, const auto& value) {
    if (!value.empty()) group_2.set(where, value);
  };
  set(tag::MediaStorageSOPClassUID, meta.media_storage_sop_class_uid);
  set(tag::MediaStorageSOPInstanceUID, meta.media_storage_sop_instance_uid);
  set(tag::TransferSyntaxUID, meta.transfer_syntax_uid);
  set(tag::ImplementationClassUID, meta.implementation_class_uid);
  set(tag::ImplementationVersionName, meta.implementation_version_name);
  set(tag::SourceApplicationEntityTitle, meta.source_application_entity_title);
  set(tag::SendingApplicationEntityTitle, meta.sending_application_entity_title);
  set(tag::ReceivingApplicationEntityTitle, meta.receiving_application_entity_title);
  std::vector<std::byte> out(detail::preamble_size, std::byte{0});
  const auto magic = as_bytes("DICM");
  out.insert(out.end(), magic.begin(), magic.end());
  encode(group_2, detail::file_meta_format, out);
  return out;
}

}  // namespace codicom
