#pragma once
// Data sets, their encoding and files: everything that needs neither a network nor Asio.
#include <codicom/core/generate_uid.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dictionary/dictionary.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/dictionary/uids.hpp>
#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/encoding/decode_json.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/encoding/encode_json.hpp>
#include <codicom/encoding/frames.hpp>
#include <codicom/encoding/rle.hpp>
#include <codicom/file/frame_reader.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/file/write_file.hpp>
