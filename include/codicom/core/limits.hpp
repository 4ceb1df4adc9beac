#pragma once
#include <cstddef>
#include <cstdint>

namespace codicom {

/// What a peer or a file may make us do, at most. Checked before memory is taken; handed down from a listener to its
/// associations and their decoders. Numbers only. These guards are ours, not the standard's.
struct limits {
  // upper layer
  std::uint32_t pdu_bytes = 1 << 20;             ///< an A-ASSOCIATE PDU, and a P-DATA-TF we accept at all
  std::uint32_t presentation_contexts = 128;     ///< PS3.8 §9.3.2.2: ids are odd and one byte
  std::uint32_t transfer_syntaxes = 256;         ///< per proposed presentation context
  std::uint32_t user_information_items = 1024;   ///< sub-items of 50H, and related SOP classes in 57H
  // DIMSE
  std::uint32_t command_bytes = 64 << 10;        ///< a command set, all fragments together
  std::uint32_t message_fragments = 1 << 26;     ///< of one command set and its data set
  std::uint32_t requests = 64;                   ///< performed at once for one association; more are refused
  std::uint32_t identifier_bytes = 16 << 20;     ///< a data set that is read whole: identifiers, attribute lists
  std::uint32_t mailbox_bytes = 16 << 20;        ///< responses read but not yet taken, per exchange
  std::uint32_t read_ahead = 1 << 20;            ///< of objects whose readers are slow, if the window is above 1
  std::uint64_t drain_bytes = 64ull << 20;       ///< read and thrown away to keep an association, before A-ABORT
  // data sets
  std::uint64_t data_set_bytes = 1ull << 40;     ///< an object that is received or read
  std::uint64_t value_bytes = 4ull << 30;        ///< one value kept in memory
  std::uint64_t arena_bytes = 4ull << 30;        ///< memory of one decoded data set, values by reference apart
  std::uint32_t elements = 50'000'000;           ///< of one data set, nested ones included
  std::uint32_t depth = 64;                      ///< nested sequences
  std::uint32_t fragments = 1 << 24;             ///< of encapsulated pixel data
  std::uint32_t diagnoses = 1000;                ///< recorded; the rest are counted
  std::uint32_t held_bytes = 1 << 20;            ///< output of a transcoder that waits for Pixel Representation
  std::uint32_t inflate_ratio = 200;             ///< inflated bytes by deflated ones; zeros alone have 1030 (RFC 1951)
  std::uint64_t inflate_ratio_from = 256 << 20;  ///< inflated bytes, before which any ratio will do
  // listener
  std::uint32_t associations = 512;              ///< open at once
  std::uint32_t associations_per_peer = 0;       ///< open at once from one network address; 0 = no limit of its own
};

}  // namespace codicom
